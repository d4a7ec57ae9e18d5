#ifndef RENAME_EXCHANGE_H
#define RENAME_EXCHANGE_H

// renameat2(2) with RENAME_EXCHANGE, which Swift's Glibc leaves out: each of two paths names, in one step, what the other one
// named. 0, or an errno: EINVAL, ENOSYS where file system or kernel cannot.
int rename_exchange(const char *one, const char *other);

#endif
