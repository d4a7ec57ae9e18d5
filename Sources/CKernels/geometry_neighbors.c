#include "geometry_neighbors.h"

#include "geometry_dispatch.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static int32_t choose_from(
    const float *x, const float *y, const float *z, int32_t first, int32_t n, float qx, float qy, float qz, float bound,
    float *distance, int32_t *place, int32_t chosen) {
    for (int32_t i = first; i < n; i++) {
        float dx = x[i] - qx, dy = y[i] - qy, dz = z[i] - qz;
        float d = dx * dx + dy * dy + dz * dz;
        // Written in any case, kept if near enough: no branch that cannot be predicted.
        distance[chosen] = d;
        place[chosen] = i;
        chosen += d <= bound;
    }
    return chosen;
}

static int32_t choose_plain(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, float bound,
    float *distance, int32_t *place) {
    return choose_from(x, y, z, 0, n, qx, qy, qz, bound, distance, place, 0);
}

static float least_plain(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, int32_t *place) {
    float least = INFINITY;
    *place = -1;
    for (int32_t i = 0; i < n; i++) {
        float dx = x[i] - qx, dy = y[i] - qy, dz = z[i] - qz;
        float d = dx * dx + dy * dy + dz * dz;
        if (d < least) {
            least = d;
            *place = i;
        }
    }
    return least;
}

#if defined(__x86_64__)

/// For each mask of eight lanes, the set ones moved to the front.
int32_t geometry_compaction[256][8];
__attribute__((constructor)) static void prepare(void) {
    for (int mask = 0; mask < 256; mask++) {
        int next = 0;
        for (int lane = 0; lane < 8; lane++) {
            if (mask >> lane & 1) geometry_compaction[mask][next++] = lane;
        }
        while (next < 8) geometry_compaction[mask][next++] = 0;
    }
}

AVX2 static inline __m256 squared_distances(
    const float *x, const float *y, const float *z, __m256 qx, __m256 qy, __m256 qz) {
    __m256 dx = _mm256_sub_ps(_mm256_loadu_ps(x), qx);
    __m256 dy = _mm256_sub_ps(_mm256_loadu_ps(y), qy);
    __m256 dz = _mm256_sub_ps(_mm256_loadu_ps(z), qz);
    return _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(dx, dx), _mm256_mul_ps(dy, dy)), _mm256_mul_ps(dz, dz));
}

AVX2 static int32_t choose_avx2(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, float bound,
    float *distance, int32_t *place) {
    __m256 q_x = _mm256_set1_ps(qx), q_y = _mm256_set1_ps(qy), q_z = _mm256_set1_ps(qz);
    __m256 limit = _mm256_set1_ps(bound);
    __m256i here = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    int32_t chosen = 0, i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 d = squared_distances(x + i, y + i, z + i, q_x, q_y, q_z);
        int mask = _mm256_movemask_ps(_mm256_cmp_ps(d, limit, _CMP_LE_OQ));
        __m256i moved = _mm256_loadu_si256((const __m256i *)geometry_compaction[mask]);
        _mm256_storeu_ps(distance + chosen, _mm256_permutevar8x32_ps(d, moved));
        _mm256_storeu_si256((__m256i *)(place + chosen), _mm256_permutevar8x32_epi32(here, moved));
        chosen += __builtin_popcount((unsigned)mask);
        here = _mm256_add_epi32(here, _mm256_set1_epi32(8));
    }
    return choose_from(x, y, z, i, n, qx, qy, qz, bound, distance, place, chosen);
}

AVX512 static int32_t choose_avx512(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, float bound,
    float *distance, int32_t *place) {
    __m512 q_x = _mm512_set1_ps(qx), q_y = _mm512_set1_ps(qy), q_z = _mm512_set1_ps(qz);
    __m512 limit = _mm512_set1_ps(bound);
    __m512i here = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    int32_t chosen = 0, i = 0;
    for (; i + 16 <= n; i += 16) {
        __m512 dx = _mm512_sub_ps(_mm512_loadu_ps(x + i), q_x);
        __m512 dy = _mm512_sub_ps(_mm512_loadu_ps(y + i), q_y);
        __m512 dz = _mm512_sub_ps(_mm512_loadu_ps(z + i), q_z);
        __m512 d = _mm512_add_ps(_mm512_add_ps(_mm512_mul_ps(dx, dx), _mm512_mul_ps(dy, dy)), _mm512_mul_ps(dz, dz));
        __mmask16 near = _mm512_cmp_ps_mask(d, limit, _CMP_LE_OQ);
        _mm512_storeu_ps(distance + chosen, _mm512_maskz_compress_ps(near, d));
        _mm512_storeu_si512(place + chosen, _mm512_maskz_compress_epi32(near, here));
        chosen += __builtin_popcount(near);
        here = _mm512_add_epi32(here, _mm512_set1_epi32(16));
    }
    return choose_from(x, y, z, i, n, qx, qy, qz, bound, distance, place, chosen);
}

AVX2 static float least_avx2(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, int32_t *place) {
    __m256 q_x = _mm256_set1_ps(qx), q_y = _mm256_set1_ps(qy), q_z = _mm256_set1_ps(qz);
    __m256 least = _mm256_set1_ps(INFINITY);
    __m256i here = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7), at = _mm256_set1_epi32(-1);
    int32_t i = 0;
    for (; i + 8 <= n; i += 8) {
        __m256 d = squared_distances(x + i, y + i, z + i, q_x, q_y, q_z);
        __m256 less = _mm256_cmp_ps(d, least, _CMP_LT_OQ);
        least = _mm256_min_ps(d, least);
        at = _mm256_blendv_epi8(at, here, _mm256_castps_si256(less));
        here = _mm256_add_epi32(here, _mm256_set1_epi32(8));
    }
    // The least over the lanes, and of those that have it the first place.
    __m256 all = _mm256_min_ps(least, _mm256_permute2f128_ps(least, least, 1));
    all = _mm256_min_ps(all, _mm256_shuffle_ps(all, all, 0x4e));
    all = _mm256_min_ps(all, _mm256_shuffle_ps(all, all, 0xb1));
    __m256i elsewhere = _mm256_castps_si256(_mm256_cmp_ps(least, all, _CMP_NEQ_OQ));
    __m256i first = _mm256_max_epu32(at, elsewhere);
    first = _mm256_min_epu32(first, _mm256_permute2x128_si256(first, first, 1));
    first = _mm256_min_epu32(first, _mm256_shuffle_epi32(first, 0x4e));
    first = _mm256_min_epu32(first, _mm256_shuffle_epi32(first, 0xb1));
    float best = _mm256_cvtss_f32(all);
    int32_t found = _mm256_cvtsi256_si32(first);
    for (; i < n; i++) {
        float dx = x[i] - qx, dy = y[i] - qy, dz = z[i] - qz;
        float d = dx * dx + dy * dy + dz * dz;
        if (d < best) {
            best = d;
            found = i;
        }
    }
    *place = found;
    return best;
}

#endif

int32_t geometry_choose(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, float bound,
    float *distance, int32_t *place) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX512) return choose_avx512(x, y, z, n, qx, qy, qz, bound, distance, place);
    if (geometry_current_level >= GEOMETRY_AVX2) return choose_avx2(x, y, z, n, qx, qy, qz, bound, distance, place);
#endif
    return choose_plain(x, y, z, n, qx, qy, qz, bound, distance, place);
}

float geometry_least(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, int32_t *place) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) return least_avx2(x, y, z, n, qx, qy, qz, place);
#endif
    return least_plain(x, y, z, n, qx, qy, qz, place);
}
