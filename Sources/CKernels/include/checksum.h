#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

/// Whether `scanward_crc32_fold` may be called: the processor multiplies without carry.
int scanward_can_fold_crc32(void);

/// The CRC-32 register after `count` bytes, by folding (Gopal et al., "Fast CRC Computation for Generic Polynomials Using
/// PCLMULQDQ", Intel 2009; the reflected polynomial's constants are theirs).
///
/// `count` is a multiple of 16, and at least 64. `state` is the register before: inverted, as the standard begins and ends.
uint32_t scanward_crc32_fold(const uint8_t *bytes, size_t count, uint32_t state);

#endif
