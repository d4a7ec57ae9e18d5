#include "geometry_change.h"

#include "geometry_dispatch.h"

typedef float float8 __attribute__((vector_size(32), aligned(4)));
typedef int32_t int8v __attribute__((vector_size(32)));

BODY float8 choose(int8v mask, float8 a, float8 b) { return (float8)(((int8v)a & mask) | ((int8v)b & ~mask)); }

BODY float8 absolute(float8 v) { return (float8)((int8v)v & 0x7fffffff); }

/// Eight records by rows -> by columns: x y z, curvature, normal.
BODY void transpose(float8 r[8]) {
    float8 a[8], b[8];
    for (int i = 0; i < 8; i += 2) {
        a[i] = __builtin_shufflevector(r[i], r[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
        a[i + 1] = __builtin_shufflevector(r[i], r[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
    }
    for (int i = 0; i < 8; i += 4) {
        for (int j = 0; j < 2; j++) {
            b[i + 2 * j] = __builtin_shufflevector(a[i + j], a[i + j + 2], 0, 1, 8, 9, 4, 5, 12, 13);
            b[i + 2 * j + 1] = __builtin_shufflevector(a[i + j], a[i + j + 2], 2, 3, 10, 11, 6, 7, 14, 15);
        }
    }
    for (int i = 0; i < 4; i++) {
        r[i] = __builtin_shufflevector(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
        r[i + 4] = __builtin_shufflevector(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
    }
}

BODY float rate_body(
    const float *records, const int32_t *neighbors, int32_t k, int32_t own, float scale, float least, float reach) {
    const float *q = records + 8 * (int64_t)own;
    float8 sum = {0}, used = {0}, zero = {0};
    for (int32_t i = 0; i < k; i += 8) {
        float8 r[8];
        int8v valid;
        for (int lane = 0; lane < 8; lane++) {
            int32_t other = i + lane < k ? neighbors[i + lane] : own;
            r[lane] = *(const float8 *)(records + 8 * (int64_t)other);
            valid[lane] = other == own ? 0 : -1;
        }
        transpose(r);
        float8 dx = r[0] - q[0], dy = r[1] - q[1], dz = r[2] - q[2];
        float8 squared = dx * dx + dy * dy + dz * dz;
        valid &= squared <= reach;
        float8 ax = r[4] - q[4], ay = r[5] - q[5], az = r[6] - q[6];
        float8 bx = r[4] + q[4], by = r[5] + q[5], bz = r[6] + q[6];
        float8 apart = ax * ax + ay * ay + az * az, against = bx * bx + by * by + bz * bz;
        float8 bend = __builtin_elementwise_sqrt(choose(against < apart, against, apart));
        float8 distance = __builtin_elementwise_sqrt(squared);
        distance = choose(distance < least, zero + least, distance);
        float8 change = bend * scale / distance + absolute(r[3] - q[3]);
        sum += choose(valid, change, zero);
        used += choose(valid, zero + 1, zero);
    }
    float total = 0, count = 0;
    for (int lane = 0; lane < 8; lane++) {
        total += sum[lane];
        count += used[lane];
    }
    return count > 0 ? total / count : 0;
}

#if defined(__x86_64__)

AVX2 static float rate_avx2(
    const float *records, const int32_t *neighbors, int32_t k, int32_t own, float scale, float least, float reach) {
    return rate_body(records, neighbors, k, own, scale, least, reach);
}

#endif

float geometry_rate_of_change(
    const float *records, const int32_t *neighbors, int32_t k, int32_t own, float scale, float least, float reach) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) return rate_avx2(records, neighbors, k, own, scale, least, reach);
#endif
    return rate_body(records, neighbors, k, own, scale, least, reach);
}
