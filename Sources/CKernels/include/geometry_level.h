#ifndef GEOMETRY_LEVEL_H
#define GEOMETRY_LEVEL_H

// The geometry kernels exist for the platform's baseline, for AVX2 and some for AVX-512. All give the same bits; the best
// that the processor has are used.

#define GEOMETRY_BASELINE 0
#define GEOMETRY_AVX2 1
#define GEOMETRY_AVX512 2

/// The level in use.
int geometry_level(void);

/// Uses the kernels of this level, or the processor's best if that is lower; returns which: to hold them to each other.
int geometry_use_level(int level);

#endif
