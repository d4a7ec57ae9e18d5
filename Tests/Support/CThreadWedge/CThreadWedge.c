#define _GNU_SOURCE
#include "CThreadWedge.h"

#include <errno.h>
#include <sys/ptrace.h>
#include <sys/wait.h>

int wedge_thread(int thread) {
    int status;
    if (ptrace(PTRACE_SEIZE, thread, 0, 0) != 0) return errno;
    if (ptrace(PTRACE_INTERRUPT, thread, 0, 0) != 0) return errno;
    return waitpid(thread, &status, __WALL) == thread ? 0 : errno;
}

int release_thread(int thread) { return ptrace(PTRACE_DETACH, thread, 0, 0) == 0 ? 0 : errno; }
