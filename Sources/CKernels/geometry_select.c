#include "geometry_neighbors.h"

#include "geometry_dispatch.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static int32_t count_plain(const float *values, int32_t m, float limit) {
    int32_t count = 0;
    for (int32_t i = 0; i < m; i++) count += values[i] <= limit;
    return count;
}

static float next_plain(const float *values, int32_t m, float limit) {
    float least = INFINITY;
    for (int32_t i = 0; i < m; i++) {
        if (values[i] > limit && values[i] < least) least = values[i];
    }
    return least;
}

/// Keeps the values below the limit and the first few that equal it.
static void compact_plain(float *values, int32_t *place, int32_t m, float limit, int32_t equal) {
    int32_t kept = 0;
    for (int32_t i = 0; i < m; i++) {
        if (values[i] > limit || (values[i] == limit && equal-- <= 0)) continue;
        values[kept] = values[i];
        place[kept++] = place[i];
    }
}

/// The k-th least value is found by counting: since the number of points within a squared distance grows about in
/// proportion to it, the secant through the counts so far leads there in a few steps, each without a branch that depends
/// on the data. Where the last few values lie between two counts they are stepped through.
#define KEEP_LEAST(COUNT, NEXT, COMPACT)                                                                        \
    if (m <= k) {                                                                                               \
        float greatest = 0;                                                                                     \
        for (int32_t i = 0; i < m; i++) greatest = values[i] > greatest ? values[i] : greatest;                 \
        return greatest;                                                                                        \
    }                                                                                                           \
    if (bound == INFINITY) {                                                                                    \
        bound = 0;                                                                                              \
        for (int32_t i = 0; i < m; i++) bound = values[i] > bound ? values[i] : bound;                          \
    }                                                                                                           \
    float low = 0, high = bound;                                                                                \
    int32_t below = COUNT(values, m, low), up_to = m;                                                           \
    if (below < k) {                                                                                            \
        for (int step = 0; step < 8 && high < INFINITY; step++) {                                               \
            /* Between the expected places of the k-th and the next of evenly spread values. */                 \
            float guess = low + (high - low) * (((float)(k - below) + 0.5f) / (float)(up_to - below + 1));      \
            if (!(guess > low && guess < high)) break;                                                          \
            int32_t count = COUNT(values, m, guess);                                                            \
            if (count == k) {                                                                                   \
                COMPACT(values, place, m, guess, k);                                                            \
                return guess;                                                                                   \
            }                                                                                                   \
            if (count < k) {                                                                                    \
                low = guess;                                                                                    \
                below = count;                                                                                  \
            } else {                                                                                            \
                high = guess;                                                                                   \
                up_to = count;                                                                                  \
            }                                                                                                   \
        }                                                                                                       \
        while (1) {                                                                                             \
            float next = NEXT(values, m, low);                                                                  \
            int32_t count = COUNT(values, m, next);                                                             \
            if (count >= k) {                                                                                   \
                low = next;                                                                                     \
                break;                                                                                          \
            }                                                                                                   \
            low = next;                                                                                         \
            below = count;                                                                                      \
        }                                                                                                       \
    } else {                                                                                                    \
        below = 0;                                                                                              \
    }                                                                                                           \
    COMPACT(values, place, m, low, k - below);                                                                  \
    return low;

static float keep_least_plain(float *values, int32_t *place, int32_t m, int32_t k, float bound) {
    KEEP_LEAST(count_plain, next_plain, compact_plain)
}

#if defined(__x86_64__)

/// The values are filled up with infinity to a multiple of eight.
AVX2 static inline int32_t count_avx2(const float *values, int32_t m, float limit) {
    __m256 most = _mm256_set1_ps(limit);
    int32_t count = 0;
    for (int32_t i = 0; i < m; i += 8) {
        int mask = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(values + i), most, _CMP_LE_OQ));
        count += __builtin_popcount((unsigned)mask);
    }
    return count;
}

AVX2 static inline float next_avx2(const float *values, int32_t m, float limit) {
    __m256 most = _mm256_set1_ps(limit), least = _mm256_set1_ps(INFINITY);
    for (int32_t i = 0; i < m; i += 8) {
        __m256 v = _mm256_loadu_ps(values + i);
        __m256 above = _mm256_cmp_ps(v, most, _CMP_GT_OQ);
        least = _mm256_min_ps(least, _mm256_blendv_ps(_mm256_set1_ps(INFINITY), v, above));
    }
    __m128 half = _mm_min_ps(_mm256_castps256_ps128(least), _mm256_extractf128_ps(least, 1));
    half = _mm_min_ps(half, _mm_movehl_ps(half, half));
    half = _mm_min_ss(half, _mm_shuffle_ps(half, half, 1));
    return _mm_cvtss_f32(half);
}

AVX2 static inline void compact_avx2(float *values, int32_t *place, int32_t m, float limit, int32_t equal) {
    __m256 most = _mm256_set1_ps(limit);
    int32_t ties = 0;
    for (int32_t i = 0; i < m; i += 8) {
        int mask = _mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(values + i), most, _CMP_EQ_OQ));
        ties += __builtin_popcount((unsigned)mask);
    }
    if (ties > equal) {
        compact_plain(values, place, m, limit, equal);
        return;
    }
    int32_t kept = 0;
    for (int32_t i = 0; i < m; i += 8) {
        __m256 v = _mm256_loadu_ps(values + i);
        __m256i p = _mm256_loadu_si256((const __m256i *)(place + i));
        int mask = _mm256_movemask_ps(_mm256_cmp_ps(v, most, _CMP_LE_OQ));
        __m256i moved = _mm256_loadu_si256((const __m256i *)geometry_compaction[mask]);
        _mm256_storeu_ps(values + kept, _mm256_permutevar8x32_ps(v, moved));
        _mm256_storeu_si256((__m256i *)(place + kept), _mm256_permutevar8x32_epi32(p, moved));
        kept += __builtin_popcount((unsigned)mask);
    }
}

AVX2 static float keep_least_avx2(float *values, int32_t *place, int32_t m, int32_t k, float bound) {
    // Padding counts only where the k-th distance itself is infinite, and there as ties, which are told apart.
    for (int32_t i = m; i < ((m + 7) & ~7); i++) values[i] = INFINITY;
    KEEP_LEAST(count_avx2, next_avx2, compact_avx2)
}

/// Up to 64 values stay in four registers; a comparison of all of them is one mask.
typedef struct {
    __m512 v[4];
} values64;

AVX512 static inline uint64_t mask64(__mmask16 a, __mmask16 b, __mmask16 c, __mmask16 d) {
    return ((uint64_t)a | (uint64_t)b << 16) | ((uint64_t)c | (uint64_t)d << 16) << 32;
}

AVX512 static inline uint64_t up_to_64(const values64 *s, float limit) {
    __m512 t = _mm512_set1_ps(limit);
    return mask64(
        _mm512_cmp_ps_mask(s->v[0], t, _CMP_LE_OQ), _mm512_cmp_ps_mask(s->v[1], t, _CMP_LE_OQ),
        _mm512_cmp_ps_mask(s->v[2], t, _CMP_LE_OQ), _mm512_cmp_ps_mask(s->v[3], t, _CMP_LE_OQ));
}

/// The kept ones of 64 values and places, moved to the front.
AVX512 static inline void compact_64(const values64 *s, float *values, int32_t *place, uint64_t kept) {
    int32_t at = 0;
    for (int j = 0; j < 4; j++) {
        __mmask16 part = (__mmask16)(kept >> (16 * j));
        __m512i p = _mm512_loadu_si512(place + 16 * j);
        // What is written behind the kept ones has been read before, or is behind all values.
        _mm512_storeu_ps(values + at, _mm512_maskz_compress_ps(part, s->v[j]));
        _mm512_storeu_si512(place + at, _mm512_maskz_compress_epi32(part, p));
        at += __builtin_popcount(part);
    }
}

/// Of the values in the window, no more than 16, the `wanted` least, of equal ones the first.
AVX512 static inline uint64_t least_in_window(const values64 *s, uint64_t window, int32_t wanted) {
    __m512 v = _mm512_set1_ps(INFINITY);
    int32_t at = 0;
    for (int j = 0; j < 4; j++) {
        __mmask16 part = (__mmask16)(window >> (16 * j));
        int32_t size = __builtin_popcount(part);
        v = _mm512_mask_expand_ps(v, (__mmask16)(((1u << size) - 1) << at), _mm512_maskz_compress_ps(part, s->v[j]));
        at += size;
    }
    // The rank of each: how many come before it.
    __m512i rank = _mm512_setzero_si512(), one = _mm512_set1_epi32(1);
    for (int32_t i = 0; i < at; i++) {
        __m512 other = _mm512_permutexvar_ps(_mm512_set1_epi32(i), v);
        __mmask16 behind = (__mmask16)(0xfffeu << i);
        __mmask16 before = _mm512_cmp_ps_mask(other, v, _CMP_LT_OQ) |
                           _mm512_mask_cmp_ps_mask(behind, other, v, _CMP_EQ_OQ);
        rank = _mm512_mask_add_epi32(rank, before, rank, one);
    }
    return _pdep_u64(_mm512_cmplt_epi32_mask(rank, _mm512_set1_epi32(wanted)), window);
}

/// As KEEP_LEAST, with three limits at a time around the secant's: they do not wait for each other, and nearly always
/// leave a window of a few values, which are ranked.
AVX512 static float keep_least_avx512(float *values, int32_t *place, int32_t m, int32_t k, float bound) {
    if (m <= k || m > 64 || bound == INFINITY) return keep_least_avx2(values, place, m, k, bound);
    values64 registers, *s = &registers;
    uint64_t low_set = 0, high_set = m == 64 ? ~0ULL : (1ULL << m) - 1, all = high_set;
    for (int j = 0; j < 4; j++) {
        __mmask16 here = (__mmask16)(all >> (16 * j));
        s->v[j] = _mm512_mask_loadu_ps(_mm512_set1_ps(INFINITY), here, values + 16 * j);
    }
    float low = 0, high = bound, spread = 0.08f * bound;
    for (int round = 0; round < 4; round++) {
        int32_t below = (int32_t)__builtin_popcountll(low_set), up_to = (int32_t)__builtin_popcountll(high_set);
        if (up_to - below <= 16 && round > 0) break;
        float middle = low + (high - low) * (((float)(k - below) + 0.5f) / (float)(up_to - below + 1));
        float limits[3] = {middle - spread, middle, middle + spread};
        for (int i = 0; i < 3; i++) {
            if (!(limits[i] > low && limits[i] < high)) continue;
            uint64_t set = up_to_64(s, limits[i]) & all;
            int32_t count = (int32_t)__builtin_popcountll(set);
            if (count <= k && count >= (int32_t)__builtin_popcountll(low_set)) {
                low_set = set;
                low = limits[i];
            } else if (count > k) {
                high_set = set;
                high = limits[i];
                break;
            }
        }
        spread *= 0.125f;
    }
    int32_t below = (int32_t)__builtin_popcountll(low_set);
    uint64_t window = high_set & ~low_set;
    if (__builtin_popcountll(window) > 16) return keep_least_avx2(values, place, m, k, bound);
    compact_64(s, values, place, low_set | least_in_window(s, window, k - below));
    return high;
}

#endif

float geometry_keep_least(float *values, int32_t *place, int32_t m, int32_t k, float bound) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX512) return keep_least_avx512(values, place, m, k, bound);
    if (geometry_current_level >= GEOMETRY_AVX2) return keep_least_avx2(values, place, m, k, bound);
#endif
    return keep_least_plain(values, place, m, k, bound);
}
