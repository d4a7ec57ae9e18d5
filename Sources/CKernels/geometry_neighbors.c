#include "geometry_neighbors.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

static int32_t choose_from(
    const float *x, const float *y, const float *z, const int32_t *position, int32_t first, int32_t n, float qx,
    float qy, float qz, float bound, float *chosen_distance, int32_t *chosen_position, int32_t chosen) {
    for (int32_t i = first; i < n; i++) {
        float dx = x[i] - qx, dy = y[i] - qy, dz = z[i] - qz;
        float d = dx * dx + dy * dy + dz * dz;
        // Written in any case, kept if near enough: no branch that cannot be predicted.
        chosen_distance[chosen] = d;
        chosen_position[chosen] = position[i];
        chosen += d <= bound;
    }
    return chosen;
}

int32_t geometry_choose_plain(
    const float *x, const float *y, const float *z, const int32_t *position, int32_t n, float qx, float qy, float qz,
    float bound, float *chosen_distance, int32_t *chosen_position) {
    return choose_from(x, y, z, position, 0, n, qx, qy, qz, bound, chosen_distance, chosen_position, 0);
}

void geometry_rank_plain(const float *values, int32_t m, int32_t *place) {
    for (int32_t i = 0; i < m; i++) {
        float v = values[i];
        int32_t before = 0;
        for (int32_t j = 0; j < i; j++) before += values[j] <= v;
        for (int32_t j = i + 1; j < m; j++) before += values[j] < v;
        place[i] = before;
    }
}

#if defined(__x86_64__)

/// For each mask of eight lanes, the set ones moved to the front.
static int32_t compaction[256][8];
static int has_avx2;

__attribute__((constructor)) static void prepare(void) {
    for (int mask = 0; mask < 256; mask++) {
        int next = 0;
        for (int lane = 0; lane < 8; lane++) {
            if (mask >> lane & 1) compaction[mask][next++] = lane;
        }
        while (next < 8) compaction[mask][next++] = 0;
    }
    __builtin_cpu_init();
    has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("popcnt");
}

__attribute__((target("avx2,popcnt"))) static int32_t choose_avx2(
    const float *x, const float *y, const float *z, const int32_t *position, int32_t n, float qx, float qy, float qz,
    float bound, float *chosen_distance, int32_t *chosen_position) {
    __m256 q_x = _mm256_set1_ps(qx), q_y = _mm256_set1_ps(qy), q_z = _mm256_set1_ps(qz);
    __m256 limit = _mm256_set1_ps(bound);
    int32_t chosen = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 dx = _mm256_sub_ps(_mm256_loadu_ps(x + i), q_x);
        __m256 dy = _mm256_sub_ps(_mm256_loadu_ps(y + i), q_y);
        __m256 dz = _mm256_sub_ps(_mm256_loadu_ps(z + i), q_z);
        __m256 d = _mm256_add_ps(
            _mm256_add_ps(_mm256_mul_ps(dx, dx), _mm256_mul_ps(dy, dy)), _mm256_mul_ps(dz, dz));
        int mask = _mm256_movemask_ps(_mm256_cmp_ps(d, limit, _CMP_LE_OQ));
        __m256i moved = _mm256_loadu_si256((const __m256i *)compaction[mask]);
        __m256i p = _mm256_loadu_si256((const __m256i *)(position + i));
        _mm256_storeu_ps(chosen_distance + chosen, _mm256_permutevar8x32_ps(d, moved));
        _mm256_storeu_si256((__m256i *)(chosen_position + chosen), _mm256_permutevar8x32_epi32(p, moved));
        chosen += __builtin_popcount((unsigned)mask);
    }
    return choose_from(x, y, z, position, i, n, qx, qy, qz, bound, chosen_distance, chosen_position, chosen);
}

/// Eight values at a time against all: those before them count if equal, those after do not.
__attribute__((target("avx2"))) static void rank_avx2(float *values, int32_t m, int32_t *place) {
    int32_t padded = (m + 7) & ~7;
    for (int32_t i = m; i < padded; i++) values[i] = INFINITY;
    for (int32_t i = 0; i < padded; i += 8) {
        __m256 v = _mm256_loadu_ps(values + i);
        __m256i before = _mm256_setzero_si256();
        int32_t j = 0;
        for (; j < i; j++) {
            __m256 other = _mm256_broadcast_ss(values + j);
            before = _mm256_sub_epi32(before, _mm256_castps_si256(_mm256_cmp_ps(other, v, _CMP_LE_OQ)));
        }
        __m256i lane = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
        for (int32_t k = 0; k < 8; k++, j++) {
            __m256 other = _mm256_broadcast_ss(values + j);
            __m256i less = _mm256_castps_si256(_mm256_cmp_ps(other, v, _CMP_LT_OQ));
            __m256i equal = _mm256_castps_si256(_mm256_cmp_ps(other, v, _CMP_EQ_OQ));
            __m256i earlier = _mm256_cmpgt_epi32(lane, _mm256_set1_epi32(k));
            before = _mm256_sub_epi32(before, _mm256_or_si256(less, _mm256_and_si256(equal, earlier)));
        }
        for (; j < m; j++) {
            __m256 other = _mm256_broadcast_ss(values + j);
            before = _mm256_sub_epi32(before, _mm256_castps_si256(_mm256_cmp_ps(other, v, _CMP_LT_OQ)));
        }
        _mm256_storeu_si256((__m256i *)(place + i), before);
    }
}

#endif

int32_t geometry_choose(
    const float *x, const float *y, const float *z, const int32_t *position, int32_t n, float qx, float qy, float qz,
    float bound, float *chosen_distance, int32_t *chosen_position) {
#if defined(__x86_64__)
    if (has_avx2) return choose_avx2(x, y, z, position, n, qx, qy, qz, bound, chosen_distance, chosen_position);
#endif
    return geometry_choose_plain(x, y, z, position, n, qx, qy, qz, bound, chosen_distance, chosen_position);
}

void geometry_rank(float *values, int32_t m, int32_t *place) {
#if defined(__x86_64__)
    if (has_avx2) {
        rank_avx2(values, m, place);
        return;
    }
#endif
    geometry_rank_plain(values, m, place);
}
