#include "geometry_level.h"

#include "geometry_dispatch.h"

_Atomic int geometry_current_level;

static int best(void) {
#if defined(__x86_64__)
    __builtin_cpu_init();
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("popcnt") || !__builtin_cpu_supports("bmi") ||
        !__builtin_cpu_supports("bmi2")) {
        return GEOMETRY_BASELINE;
    }
    int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    return wide ? GEOMETRY_AVX512 : GEOMETRY_AVX2;
#else
    return GEOMETRY_BASELINE;
#endif
}

__attribute__((constructor)) static void prepare(void) { geometry_current_level = best(); }

int geometry_level(void) { return geometry_current_level; }

int geometry_use_level(int level) {
    geometry_current_level = level < best() ? level : best();
    return geometry_current_level;
}
