#include <pcap/pcap.h>
#include <stddef.h>
#include <sys/types.h>

// fopencookie(3): a FILE over functions of ours, for files that grow while they are read. glibc's header shows it only
// under _GNU_SOURCE, and Swift's module of glibc is built without.
typedef ssize_t scanward_cookie_read(void *_Nullable cookie, char *_Nonnull buffer, size_t size);
typedef int scanward_cookie_close(void *_Nullable cookie);
struct scanward_cookie_functions {
    scanward_cookie_read *_Nullable read;
    void *_Nullable write;
    void *_Nullable seek;
    scanward_cookie_close *_Nullable close;
};
FILE *_Nullable scanward_fopencookie(
    void *_Nullable cookie, const char *_Nonnull mode, struct scanward_cookie_functions functions) __asm__("fopencookie");
