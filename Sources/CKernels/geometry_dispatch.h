// What the geometry kernels share to choose among their forms.

#ifndef GEOMETRY_DISPATCH_H
#define GEOMETRY_DISPATCH_H

#include "geometry_level.h"

#include <stdint.h>

/// Tests change it while others read it.
extern _Atomic int geometry_current_level;

#if defined(__x86_64__)
#define AVX2 __attribute__((target("avx2,popcnt,bmi,bmi2")))
/// For each mask of eight lanes, the set ones moved to the front.
extern int32_t geometry_compaction[256][8];
#define AVX512 __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,popcnt,bmi,bmi2")))
#endif

/// A body that is compiled anew into each of its forms.
#define BODY static inline __attribute__((always_inline))

/// Rounded after every operation, so that the forms agree.
#pragma STDC FP_CONTRACT OFF
// Vectors are passed only to functions that are inlined: there is no call whose convention could change.
#pragma clang diagnostic ignored "-Wpsabi"

#endif
