#include "geometry_farthest.h"

#include "geometry_dispatch.h"

#include <math.h>
#include <string.h>

typedef float float16 __attribute__((vector_size(64), aligned(4)));
typedef int32_t int16v __attribute__((vector_size(64)));
typedef _Bool bool16 __attribute__((ext_vector_type(16)));

BODY float16 load(const float *p) { return *(const float16 *)p; }

BODY float16 select(int16v mask, float16 a, float16 b) { return (float16)(((int16v)a & mask) | ((int16v)b & ~mask)); }

BODY unsigned bits(int16v mask) {
    bool16 lanes = __builtin_convertvector(mask, bool16);
    uint16_t packed;
    memcpy(&packed, &lanes, sizeof packed);
    return packed;
}

/// By how much q lies outside of the sides of 16 boxes; 0 inside.
BODY float16 gap(const float *low, const float *high, float q) {
    float16 below = load(low) - q, above = q - load(high);
    float16 most = select(below > above, below, above);
    return select(most > 0, most, (float16){0});
}

/// Lowers the distances of a bucket; returns the greatest.
BODY float lower(const geometry_buckets *set, int64_t bucket, float qx, float qy, float qz) {
    float16 greatest = (float16){0} - INFINITY;
    for (int64_t i = bucket * GEOMETRY_BUCKET; i < (bucket + 1) * GEOMETRY_BUCKET; i += 16) {
        float16 dx = load(set->x + i) - qx, dy = load(set->y + i) - qy, dz = load(set->z + i) - qz;
        float16 d = dx * dx + dy * dy + dz * dz, held = load(set->distance + i);
        held = select(d < held, d, held);
        memcpy(set->distance + i, &held, sizeof held);
        greatest = select(held > greatest, held, greatest);
    }
    return __builtin_reduce_max(greatest);
}

BODY int64_t step_body(const geometry_buckets *set, int64_t chosen) {
    float qx = set->x[chosen], qy = set->y[chosen], qz = set->z[chosen];
    // Never again, even where all that are left are repetitions; its bucket is looked at in any case.
    set->distance[chosen] = -1;
    int64_t own = chosen / GEOMETRY_BUCKET, n = set->buckets;
    const float *low = set->bounds, *high = set->bounds + 3 * n;
    float16 most = (float16){0} - INFINITY;
    for (int64_t i = 0; i < n; i += GEOMETRY_BUCKETS_AT_A_TIME) {
        float16 dx = gap(low + i, high + i, qx), dy = gap(low + n + i, high + n + i, qy);
        float16 dz = gap(low + 2 * n + i, high + 2 * n + i, qz);
        unsigned reached = bits(dx * dx + dy * dy + dz * dz < load(set->greatest + i));
        if (own >= i && own < i + GEOMETRY_BUCKETS_AT_A_TIME) reached |= 1u << (own - i);
        for (; reached; reached &= reached - 1) {
            int64_t bucket = i + __builtin_ctz(reached);
            set->greatest[bucket] = lower(set, bucket, qx, qy, qz);
        }
        float16 now = load(set->greatest + i);
        most = select(now > most, now, most);
    }
    float farthest = __builtin_reduce_max(most);
    int64_t bucket = 0;
    while (set->greatest[bucket] != farthest) bucket++;
    int64_t point = bucket * GEOMETRY_BUCKET;
    while (set->distance[point] != farthest) point++;
    return point;
}

#if defined(__x86_64__)

AVX2 static int64_t step_avx2(const geometry_buckets *set, int64_t chosen) { return step_body(set, chosen); }

AVX512 static int64_t step_avx512(const geometry_buckets *set, int64_t chosen) { return step_body(set, chosen); }

#endif

int64_t geometry_farthest_step(const geometry_buckets *set, int64_t chosen) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX512) return step_avx512(set, chosen);
    if (geometry_current_level >= GEOMETRY_AVX2) return step_avx2(set, chosen);
#endif
    return step_body(set, chosen);
}
