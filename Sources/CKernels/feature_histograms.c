#include "feature_histograms.h"

#include "geometry_dispatch.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

/// Cosine and sine of the borders of theta's sectors above 0: pi / 11 times 1, 3, 5, 7, 9.
static const float border_cos[5] = {0.95949297361449737f, 0.65486073394528510f, 0.14231483827328514f,
                                    -0.41541501300188644f, -0.84125353283118117f};
static const float border_sin[5] = {0.28173255684142970f, 0.75574957435425829f, 0.98982144188093274f,
                                    0.90963199535451838f, 0.54064081745559758f};

int32_t feature_positions(
    const int32_t *indices, const float *squared_distances, int32_t count, float bound, const int32_t *positions,
    int64_t ahead, int32_t *copied) {
    for (int32_t i = 0; i < count; i += 16) {
        __builtin_prefetch(indices + ahead + i);
        __builtin_prefetch(squared_distances + ahead + i);
    }
    if (count > 0 && !(squared_distances[count - 1] <= bound)) {
        int32_t low = 0;
        while (low < count) {
            int32_t middle = low + (count - low) / 2;
            if (squared_distances[middle] <= bound) low = middle + 1;
            else count = middle;
        }
    }
    for (int32_t i = 0; i < count; i++) copied[i] = positions[indices[i]];
    return count;
}

static int32_t unit_bin(float cosine) {
    float place = cosine * 5.5f + 5.5f;
    place = place > 0 ? place : 0;
    place = place < 10 ? place : 10;
    return (int32_t)place;
}

/// Bins of theta, alpha and phi of one pair, in Open3D's definition.
///
/// The one whose normal is closer to the line between them is the source. With d the line, m the source's normal, o the
/// other: u = d x m, alpha = u . o / |u|, phi = m . d / |d|, and theta = atan2(o . d - (m . d)(m . o), |u| (m . o)),
/// whose sector is found by comparing with the borders' directions. Where u is 0 all three are 0.
static void pair_bins(const float *a, const float *b, int32_t *theta, int32_t *alpha, int32_t *phi) {
    float dx = b[0] - a[0], dy = b[1] - a[1], dz = b[2] - a[2];
    float ax = a[4], ay = a[5], az = a[6], bx = b[4], by = b[5], bz = b[6];
    float squared = dx * dx + dy * dy + dz * dz;
    float along_a = ax * dx + ay * dy + az * dz, along_b = bx * dx + by * dy + bz * dz;
    float between = ax * bx + ay * by + az * bz;
    int swap = fabsf(along_a) < fabsf(along_b);
    float mx = swap ? bx : ax, my = swap ? by : ay, mz = swap ? bz : az;
    float ox = swap ? ax : bx, oy = swap ? ay : by, oz = swap ? az : bz;
    float along_m = swap ? -along_b : along_a, along_o = swap ? -along_a : along_b;
    float ux = dy * mz - dz * my, uy = dz * mx - dx * mz, uz = dx * my - dy * mx;
    float triple = ux * ox + uy * oy + uz * oz;
    if (swap) triple = -triple;
    float length_u = sqrtf(ux * ux + uy * uy + uz * uz);
    if (!(length_u > 0)) {
        *theta = *alpha = *phi = 5;
        return;
    }
    float y = along_o - along_m * between, x = between * length_u;
    int32_t beyond = 0;
    for (int k = 0; k < 5; k++) beyond += fabsf(y) * border_cos[k] - x * border_sin[k] >= 0;
    *theta = y < 0 ? 5 - beyond : 5 + beyond;
    *alpha = unit_bin(triple / length_u);
    *phi = unit_bin(along_m / sqrtf(squared));
}

static void pair_histograms_plain(
    const float *points, int32_t self, const int32_t *neighbors, int32_t count, const int32_t *sizes,
    int32_t size_count, float *rows, int64_t stride) {
    int32_t counts[33] = {0};
    int32_t done = 0;
    for (int32_t s = 0; s < size_count; s++) {
        int32_t end = sizes[s] < count ? sizes[s] : count;
        for (; done < end; done++) {
            int32_t theta, alpha, phi;
            pair_bins(points + 8 * (int64_t)self, points + 8 * (int64_t)neighbors[done], &theta, &alpha, &phi);
            counts[theta]++;
            counts[11 + alpha]++;
            counts[22 + phi]++;
        }
        float *row = rows + s * stride;
        memset(row, 0, feature_row * sizeof(float));
        if (end <= 0) continue;
        float share = 100.0f / (float)end;
        for (int32_t i = 0; i < 33; i++) row[i] = (float)counts[i] * share;
        row[33] = 100;
    }
}

/// The least distance that is not 0: weights are made relative to it, so that none is infinite.
static float first_distance(const float *squared_distances, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        if (squared_distances[i] > 0) return squared_distances[i];
    }
    return 0;
}

static void weighted_sum_plain(
    const float *rows, int32_t self, const int32_t *neighbors, const float *squared_distances, int32_t count,
    float *values) {
    float sum[feature_row] = {0};
    float first = first_distance(squared_distances, count);
    for (int32_t i = 0; i < count; i++) {
        if (!(squared_distances[i] > 0)) continue;
        float weight = first / squared_distances[i];
        const float *row = rows + feature_row * (int64_t)neighbors[i];
        for (int32_t j = 0; j < feature_row; j++) sum[j] = sum[j] + weight * row[j];
    }
    float scale = sum[33] > 0 ? 100 / sum[33] : 0;
    const float *own = rows + feature_row * (int64_t)self;
    for (int32_t j = 0; j < 33; j++) values[j] = sum[j] * scale + own[j];
}

static void match_four_plain(
    const float *sources, const float *source_norms, int32_t first, const float *groups, const float *norms,
    int32_t group_count, float *best, int32_t *best_target, float *target_best, int32_t *target_source) {
    for (int32_t s = 0; s < 4; s++) {
        best[s] = INFINITY;
        best_target[s] = -1;
    }
    for (int32_t t = 0; t < 8 * group_count; t++) {
        const float *target = groups + (t / 8) * 33 * 8 + t % 8;
        for (int32_t s = 0; s < 4; s++) {
            float sum = 0;
            for (int32_t j = 0; j < 33; j++) sum = sum + sources[33 * s + j] * target[8 * j];
            float d = norms[t] - sum;
            if (d < best[s]) {
                best[s] = d;
                best_target[s] = t;
            }
            float full = d + source_norms[s];
            if (full < target_best[t]) {
                target_best[t] = full;
                target_source[t] = first + s;
            }
        }
    }
}

#if defined(__x86_64__)

/// Row b has a 1 at byte b.
static uint8_t one_hot[16][16] __attribute__((aligned(16)));

__attribute__((constructor)) static void prepare(void) {
    for (int b = 0; b < 16; b++) one_hot[b][b] = 1;
}

AVX2 static inline __m256 dot3(__m256 ax, __m256 ay, __m256 az, __m256 bx, __m256 by, __m256 bz) {
    return _mm256_add_ps(_mm256_add_ps(_mm256_mul_ps(ax, bx), _mm256_mul_ps(ay, by)), _mm256_mul_ps(az, bz));
}

AVX2 static inline __m256 minor2(__m256 a, __m256 b, __m256 c, __m256 d) {
    return _mm256_sub_ps(_mm256_mul_ps(a, b), _mm256_mul_ps(c, d));
}

AVX2 static inline __m256i unit_bins(__m256 cosine) {
    __m256 place = _mm256_add_ps(_mm256_mul_ps(cosine, _mm256_set1_ps(5.5f)), _mm256_set1_ps(5.5f));
    place = _mm256_min_ps(_mm256_max_ps(place, _mm256_setzero_ps()), _mm256_set1_ps(10));
    return _mm256_cvttps_epi32(place);
}

/// Byte offsets into one_hot, for eight neighbours: theta, alpha, phi.
AVX2 static inline void pair_offsets(const float *a, const float *points, const int32_t *neighbors, int32_t *offsets) {
    // Coordinates of two neighbours a load, then a transposition in each half.
    __m256 low[4], high[4];
    for (int k = 0; k < 4; k++) {
        const float *p = points + 8 * (int64_t)neighbors[k], *q = points + 8 * (int64_t)neighbors[k + 4];
        low[k] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p)), _mm_loadu_ps(q), 1);
        high[k] = _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(p + 4)), _mm_loadu_ps(q + 4), 1);
    }
    __m256 t0 = _mm256_unpacklo_ps(low[0], low[1]), t1 = _mm256_unpacklo_ps(low[2], low[3]);
    __m256 t2 = _mm256_unpackhi_ps(low[0], low[1]), t3 = _mm256_unpackhi_ps(low[2], low[3]);
    __m256 px = _mm256_shuffle_ps(t0, t1, 0x44), py = _mm256_shuffle_ps(t0, t1, 0xee);
    __m256 pz = _mm256_shuffle_ps(t2, t3, 0x44);
    t0 = _mm256_unpacklo_ps(high[0], high[1]), t1 = _mm256_unpacklo_ps(high[2], high[3]);
    t2 = _mm256_unpackhi_ps(high[0], high[1]), t3 = _mm256_unpackhi_ps(high[2], high[3]);
    __m256 bx = _mm256_shuffle_ps(t0, t1, 0x44), by = _mm256_shuffle_ps(t0, t1, 0xee);
    __m256 bz = _mm256_shuffle_ps(t2, t3, 0x44);

    __m256 sign = _mm256_set1_ps(-0.0f);
    __m256 dx = _mm256_sub_ps(px, _mm256_broadcast_ss(a)), dy = _mm256_sub_ps(py, _mm256_broadcast_ss(a + 1));
    __m256 dz = _mm256_sub_ps(pz, _mm256_broadcast_ss(a + 2));
    __m256 ax = _mm256_broadcast_ss(a + 4), ay = _mm256_broadcast_ss(a + 5), az = _mm256_broadcast_ss(a + 6);
    __m256 squared = dot3(dx, dy, dz, dx, dy, dz);
    __m256 along_a = dot3(ax, ay, az, dx, dy, dz), along_b = dot3(bx, by, bz, dx, dy, dz);
    __m256 between = dot3(ax, ay, az, bx, by, bz);
    __m256 swap = _mm256_cmp_ps(_mm256_andnot_ps(sign, along_a), _mm256_andnot_ps(sign, along_b), _CMP_LT_OQ);
    __m256 flip = _mm256_and_ps(swap, sign);
    __m256 mx = _mm256_blendv_ps(ax, bx, swap), my = _mm256_blendv_ps(ay, by, swap);
    __m256 mz = _mm256_blendv_ps(az, bz, swap);
    __m256 ox = _mm256_blendv_ps(bx, ax, swap), oy = _mm256_blendv_ps(by, ay, swap);
    __m256 oz = _mm256_blendv_ps(bz, az, swap);
    __m256 along_m = _mm256_xor_ps(_mm256_blendv_ps(along_a, along_b, swap), flip);
    __m256 along_o = _mm256_xor_ps(_mm256_blendv_ps(along_b, along_a, swap), flip);
    __m256 ux = minor2(dy, mz, dz, my), uy = minor2(dz, mx, dx, mz), uz = minor2(dx, my, dy, mx);
    __m256 triple = _mm256_xor_ps(dot3(ux, uy, uz, ox, oy, oz), flip);
    __m256 length_u = _mm256_sqrt_ps(dot3(ux, uy, uz, ux, uy, uz));
    __m256 y = _mm256_sub_ps(along_o, _mm256_mul_ps(along_m, between)), x = _mm256_mul_ps(between, length_u);
    __m256 magnitude = _mm256_andnot_ps(sign, y);
    __m256i beyond = _mm256_setzero_si256();
    for (int k = 0; k < 5; k++) {
        __m256 side = minor2(magnitude, _mm256_set1_ps(border_cos[k]), x, _mm256_set1_ps(border_sin[k]));
        // A set lane is -1.
        beyond = _mm256_add_epi32(
            beyond, _mm256_castps_si256(_mm256_cmp_ps(side, _mm256_setzero_ps(), _CMP_GE_OQ)));
    }
    __m256i five = _mm256_set1_epi32(5);
    __m256i below = _mm256_castps_si256(_mm256_cmp_ps(y, _mm256_setzero_ps(), _CMP_LT_OQ));
    __m256i theta = _mm256_blendv_epi8(_mm256_sub_epi32(five, beyond), _mm256_add_epi32(five, beyond), below);
    __m256i alpha = unit_bins(_mm256_div_ps(triple, length_u));
    __m256i phi = unit_bins(_mm256_div_ps(along_m, _mm256_sqrt_ps(squared)));
    __m256i good = _mm256_castps_si256(_mm256_cmp_ps(length_u, _mm256_setzero_ps(), _CMP_GT_OQ));
    theta = _mm256_blendv_epi8(five, theta, good);
    alpha = _mm256_blendv_epi8(five, alpha, good);
    phi = _mm256_blendv_epi8(five, phi, good);
    _mm256_storeu_si256((__m256i *)offsets, _mm256_slli_epi32(theta, 4));
    _mm256_storeu_si256((__m256i *)(offsets + 8), _mm256_slli_epi32(alpha, 4));
    _mm256_storeu_si256((__m256i *)(offsets + 16), _mm256_slli_epi32(phi, 4));
}

AVX2 static inline __m128i one_more(__m128i counts, int32_t offset) {
    return _mm_add_epi8(counts, _mm_load_si128((const __m128i *)((const uint8_t *)one_hot + offset)));
}

/// Adds 16 counts of a byte each to what is there already, and empties them.
AVX2 static inline void flush(__m128i *counts, __m256i *wide) {
    wide[0] = _mm256_add_epi32(wide[0], _mm256_cvtepu8_epi32(*counts));
    wide[1] = _mm256_add_epi32(wide[1], _mm256_cvtepu8_epi32(_mm_srli_si128(*counts, 8)));
    *counts = _mm_setzero_si128();
}

AVX2 static void pair_histograms_avx2(
    const float *points, int32_t self, const int32_t *neighbors, int32_t count, const int32_t *sizes,
    int32_t size_count, float *rows, int64_t stride) {
    const float *a = points + 8 * (int64_t)self;
    // Counts of a byte for each bin in registers: no store that the next one would have to wait for.
    __m128i theta = _mm_setzero_si128(), alpha = theta, phi = theta;
    __m256i wide[6];
    for (int k = 0; k < 6; k++) wide[k] = _mm256_setzero_si256();
    int32_t offsets[24];
    int32_t done = 0, pending = 0, ready = 0;
    for (int32_t s = 0; s < size_count; s++) {
        int32_t end = sizes[s] < count ? sizes[s] : count;
        while (done < end) {
            if (done == ready) {
                if (count - done >= 8) {
                    pair_offsets(a, points, neighbors + done, offsets);
                } else {
                    int32_t last[8];
                    for (int k = 0; k < 8; k++) last[k] = neighbors[done + k < count ? done + k : count - 1];
                    pair_offsets(a, points, last, offsets);
                }
                ready += 8;
                if (pending > 240) {
                    flush(&theta, wide);
                    flush(&alpha, wide + 2);
                    flush(&phi, wide + 4);
                    pending = 0;
                }
                pending += 8;
                if (done + 8 <= end) {
                    for (int k = 0; k < 8; k++) {
                        theta = one_more(theta, offsets[k]);
                        alpha = one_more(alpha, offsets[8 + k]);
                        phi = one_more(phi, offsets[16 + k]);
                    }
                    done += 8;
                    continue;
                }
            }
            int32_t lane = done - (ready - 8);
            theta = one_more(theta, offsets[lane]);
            alpha = one_more(alpha, offsets[8 + lane]);
            phi = one_more(phi, offsets[16 + lane]);
            done++;
        }
        float *row = rows + s * stride;
        if (end <= 0) {
            memset(row, 0, feature_row * sizeof(float));
            continue;
        }
        flush(&theta, wide);
        flush(&alpha, wide + 2);
        flush(&phi, wide + 4);
        pending = 0;
        __m256 share = _mm256_set1_ps(100.0f / (float)end);
        // Thirds of eleven bins written sixteen at a time, each over the zeros of the one before.
        for (int k = 0; k < 3; k++) {
            _mm256_storeu_ps(row + 11 * k, _mm256_mul_ps(_mm256_cvtepi32_ps(wide[2 * k]), share));
            _mm256_storeu_ps(row + 11 * k + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(wide[2 * k + 1]), share));
        }
        row[33] = 100;
        row[38] = row[39] = 0;
    }
}

AVX2 static void weighted_sum_avx2(
    const float *rows, int32_t self, const int32_t *neighbors, const float *squared_distances, int32_t count,
    float *values) {
    __m256 s0 = _mm256_setzero_ps(), s1 = s0, s2 = s0, s3 = s0, s4 = s0;
    float first = first_distance(squared_distances, count);
    __m256 one = _mm256_set1_ps(first);
    float weights[8];
    for (int32_t i = 0; i < count; i += 8) {
        int32_t n = count - i < 8 ? count - i : 8;
        if (n == 8) {
            __m256 d = _mm256_loadu_ps(squared_distances + i);
            __m256 some = _mm256_cmp_ps(d, _mm256_setzero_ps(), _CMP_GT_OQ);
            _mm256_storeu_ps(weights, _mm256_and_ps(some, _mm256_div_ps(one, d)));
        } else {
            for (int32_t k = 0; k < n; k++) {
                float d = squared_distances[i + k];
                weights[k] = d > 0 ? first / d : 0;
            }
        }
        for (int32_t k = 0; k < n; k++) {
            const float *row = rows + feature_row * (int64_t)neighbors[i + k];
            __m256 w = _mm256_broadcast_ss(weights + k);
            s0 = _mm256_add_ps(s0, _mm256_mul_ps(w, _mm256_loadu_ps(row)));
            s1 = _mm256_add_ps(s1, _mm256_mul_ps(w, _mm256_loadu_ps(row + 8)));
            s2 = _mm256_add_ps(s2, _mm256_mul_ps(w, _mm256_loadu_ps(row + 16)));
            s3 = _mm256_add_ps(s3, _mm256_mul_ps(w, _mm256_loadu_ps(row + 24)));
            s4 = _mm256_add_ps(s4, _mm256_mul_ps(w, _mm256_loadu_ps(row + 32)));
        }
    }
    float sum[8];
    _mm256_storeu_ps(sum, s4);
    float factor = sum[1] > 0 ? 100 / sum[1] : 0;
    __m256 scale = _mm256_set1_ps(factor);
    const float *own = rows + feature_row * (int64_t)self;
    _mm256_storeu_ps(values, _mm256_add_ps(_mm256_mul_ps(s0, scale), _mm256_loadu_ps(own)));
    _mm256_storeu_ps(values + 8, _mm256_add_ps(_mm256_mul_ps(s1, scale), _mm256_loadu_ps(own + 8)));
    _mm256_storeu_ps(values + 16, _mm256_add_ps(_mm256_mul_ps(s2, scale), _mm256_loadu_ps(own + 16)));
    _mm256_storeu_ps(values + 24, _mm256_add_ps(_mm256_mul_ps(s3, scale), _mm256_loadu_ps(own + 24)));
    values[32] = sum[0] * factor + own[32];
}

/// Four sources against two groups of eight targets: eight running sums, each loaded value used several times.
AVX2 static void match_four_avx2(
    const float *sources, const float *source_norms, int32_t first, const float *groups, const float *norms,
    int32_t group_count, float *best, int32_t *best_target, float *target_best, int32_t *target_source) {
    __m256 least[4];
    __m256i where[4];
    for (int s = 0; s < 4; s++) {
        least[s] = _mm256_set1_ps(INFINITY);
        where[s] = _mm256_set1_epi32(-1);
    }
    __m256i lanes = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    for (int32_t g = 0; g < group_count; g += 2) {
        int32_t paired = g + 1 < group_count;
        const float *a = groups + (int64_t)g * 33 * 8, *b = paired ? a + 33 * 8 : a;
        __m256 sum[2][4];
        for (int s = 0; s < 4; s++) sum[0][s] = sum[1][s] = _mm256_setzero_ps();
        for (int j = 0; j < 33; j++) {
            __m256 x = _mm256_loadu_ps(a + 8 * j), y = _mm256_loadu_ps(b + 8 * j);
            for (int s = 0; s < 4; s++) {
                __m256 v = _mm256_broadcast_ss(sources + 33 * s + j);
                sum[0][s] = _mm256_add_ps(sum[0][s], _mm256_mul_ps(v, x));
                sum[1][s] = _mm256_add_ps(sum[1][s], _mm256_mul_ps(v, y));
            }
        }
        for (int32_t h = 0; h <= paired; h++) {
            int32_t start = 8 * (g + h);
            __m256 norm = _mm256_loadu_ps(norms + start);
            __m256i number = _mm256_add_epi32(_mm256_set1_epi32(start), lanes);
            __m256 bound = _mm256_loadu_ps(target_best + start);
            __m256i from = _mm256_loadu_si256((const __m256i *)(target_source + start));
            for (int s = 0; s < 4; s++) {
                __m256 d = _mm256_sub_ps(norm, sum[h][s]);
                __m256 less = _mm256_cmp_ps(d, least[s], _CMP_LT_OQ);
                least[s] = _mm256_blendv_ps(least[s], d, less);
                where[s] = _mm256_blendv_epi8(where[s], number, _mm256_castps_si256(less));
                d = _mm256_add_ps(d, _mm256_broadcast_ss(source_norms + s));
                less = _mm256_cmp_ps(d, bound, _CMP_LT_OQ);
                bound = _mm256_blendv_ps(bound, d, less);
                from = _mm256_blendv_epi8(from, _mm256_set1_epi32(first + s), _mm256_castps_si256(less));
            }
            _mm256_storeu_ps(target_best + start, bound);
            _mm256_storeu_si256((__m256i *)(target_source + start), from);
        }
    }
    for (int s = 0; s < 4; s++) {
        float d[8];
        int32_t t[8];
        _mm256_storeu_ps(d, least[s]);
        _mm256_storeu_si256((__m256i *)t, where[s]);
        best[s] = INFINITY;
        best_target[s] = -1;
        for (int k = 0; k < 8; k++) {
            if (t[k] >= 0 && (d[k] < best[s] || (d[k] == best[s] && t[k] < best_target[s]))) {
                best[s] = d[k];
                best_target[s] = t[k];
            }
        }
    }
}

#endif

void feature_pair_histograms(
    const float *points, int32_t self, const int32_t *neighbors, int32_t count, const int32_t *sizes,
    int32_t size_count, float *rows, int64_t stride) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) {
        pair_histograms_avx2(points, self, neighbors, count, sizes, size_count, rows, stride);
        return;
    }
#endif
    pair_histograms_plain(points, self, neighbors, count, sizes, size_count, rows, stride);
}

void feature_weighted_sum(
    const float *rows, int32_t self, const int32_t *neighbors, const float *squared_distances, int32_t count,
    float *values) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) {
        weighted_sum_avx2(rows, self, neighbors, squared_distances, count, values);
        return;
    }
#endif
    weighted_sum_plain(rows, self, neighbors, squared_distances, count, values);
}

void feature_match_four(
    const float *sources, const float *source_norms, int32_t first, const float *groups, const float *norms,
    int32_t group_count, float *best, int32_t *best_target, float *target_best, int32_t *target_source) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) {
        match_four_avx2(
            sources, source_norms, first, groups, norms, group_count, best, best_target, target_best, target_source);
        return;
    }
#endif
    match_four_plain(
        sources, source_norms, first, groups, norms, group_count, best, best_target, target_best, target_source);
}
