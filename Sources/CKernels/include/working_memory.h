#ifndef WORKING_MEMORY_H
#define WORKING_MEMORY_H

/// Makes the allocator keep up to so many bytes that were given back, instead of returning large blocks to the system at
/// once. Does nothing where the C library is not glibc.
void working_memory_keep(int bytes);

#endif
