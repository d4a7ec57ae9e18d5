#include "geometry_neighbors.h"

#include "geometry_dispatch.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static void rank_plain(const float *values, int32_t m, int32_t *place) {
    for (int32_t i = 0; i < m; i++) {
        float v = values[i];
        int32_t before = 0;
        for (int32_t j = 0; j < i; j++) before += values[j] <= v;
        for (int32_t j = i + 1; j < m; j++) before += values[j] < v;
        place[i] = before;
    }
}

#if defined(__x86_64__)

/// Eight values at a time against all: those before them count if equal, those after do not.
AVX2 static void rank_avx2(float *values, int32_t m, int32_t *place) {
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

void geometry_rank(float *values, int32_t m, int32_t *place) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) {
        rank_avx2(values, m, place);
        return;
    }
#endif
    rank_plain(values, m, place);
}
