#ifndef C_THREAD_WEDGE_H
#define C_THREAD_WEDGE_H

// Holds one thread of another process, as a debugger does: it stands wherever it was, and the others go on. Both calls have to
// come from the same thread. 0, or an errno.
int wedge_thread(int thread);
int release_thread(int thread);

#endif
