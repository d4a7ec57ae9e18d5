#include "geometry_order.h"

#include "geometry_dispatch.h"

#include <math.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

static int is_finite_point(const float *p) { return isfinite(p[0]) && isfinite(p[1]) && isfinite(p[2]); }

static int64_t bounds_plain(const float *points, int64_t n, float low[3], float high[3]) {
    int64_t finite = 0;
    for (int axis = 0; axis < 3; axis++) {
        low[axis] = INFINITY;
        high[axis] = -INFINITY;
    }
    for (int64_t i = 0; i < n; i++) {
        const float *p = points + 4 * i;
        if (!is_finite_point(p)) continue;
        finite++;
        for (int axis = 0; axis < 3; axis++) {
            if (p[axis] < low[axis]) low[axis] = p[axis];
            if (p[axis] > high[axis]) high[axis] = p[axis];
        }
    }
    return finite;
}

int64_t geometry_bounds(const float *points, int64_t n, float low[3], float high[3]) {
#if defined(__x86_64__)
    // SSE is part of the platform. p - p is 0 for a finite number and NaN otherwise: one addition a point tells whether
    // all are finite, which is nearly always so.
    __m128 least = _mm_set1_ps(INFINITY), greatest = _mm_set1_ps(-INFINITY), residue = _mm_setzero_ps();
    for (int64_t i = 0; i < n; i++) {
        __m128 p = _mm_loadu_ps(points + 4 * i);
        least = _mm_min_ps(p, least);
        greatest = _mm_max_ps(p, greatest);
        residue = _mm_add_ps(residue, _mm_sub_ps(p, p));
    }
    if ((_mm_movemask_ps(_mm_cmpeq_ps(residue, _mm_setzero_ps())) & 7) == 7) {
        float lows[4], highs[4];
        _mm_storeu_ps(lows, least);
        _mm_storeu_ps(highs, greatest);
        for (int axis = 0; axis < 3; axis++) {
            low[axis] = lows[axis];
            high[axis] = highs[axis];
        }
        return n;
    }
#endif
    return bounds_plain(points, n, low, high);
}

/// Moves bit i of a 21-bit number to bit 3 i.
static uint64_t spread(uint64_t v) {
    v = (v | v << 32) & 0x1f00000000ffffULL;
    v = (v | v << 16) & 0x1f0000ff0000ffULL;
    v = (v | v << 8) & 0x100f00f00f00f00fULL;
    v = (v | v << 4) & 0x10c30c30c30c30c3ULL;
    v = (v | v << 2) & 0x1249249249249249ULL;
    return v;
}

static void morton_plain(const float *points, int64_t n, const double low[3], double scale, uint64_t *codes) {
    for (int64_t i = 0; i < n; i++) {
        const float *p = points + 4 * i;
        uint64_t x = (uint64_t)(int64_t)(((double)p[0] - low[0]) * scale);
        uint64_t y = (uint64_t)(int64_t)(((double)p[1] - low[1]) * scale);
        uint64_t z = (uint64_t)(int64_t)(((double)p[2] - low[2]) * scale);
        codes[i] = spread(x) | spread(y) << 1 | spread(z) << 2;
    }
}

#if defined(__x86_64__)

AVX2 static void morton_bmi2(
    const float *points, int64_t n, const double low[3], double scale, uint64_t *codes) {
    __m128d low_xy = _mm_loadu_pd(low), low_z = _mm_load_sd(low + 2), factor = _mm_set1_pd(scale);
    for (int64_t i = 0; i < n; i++) {
        __m128 p = _mm_loadu_ps(points + 4 * i);
        __m128i xy = _mm_cvttpd_epi32(_mm_mul_pd(_mm_sub_pd(_mm_cvtps_pd(p), low_xy), factor));
        __m128d z = _mm_mul_sd(_mm_sub_sd(_mm_cvtps_pd(_mm_movehl_ps(p, p)), low_z), factor);
        uint64_t both = (uint64_t)_mm_cvtsi128_si64(xy);
        codes[i] = _pdep_u64(both, 0x1249249249249249ULL) | _pdep_u64(both >> 32, 0x2492492492492492ULL) |
                   _pdep_u64((uint64_t)_mm_cvttsd_si64(z), 0x4924924924924924ULL);
    }
}

#endif

void geometry_morton(const float *points, int64_t n, const double low[3], double scale, uint64_t *codes) {
#if defined(__x86_64__)
    if (geometry_current_level >= GEOMETRY_AVX2) {
        morton_bmi2(points, n, low, scale, codes);
        return;
    }
#endif
    morton_plain(points, n, low, scale, codes);
}

void geometry_voxels(
    const float *points, int64_t n, const double low[3], double inverse_edge, uint64_t *cells, int32_t *offsets) {
    // A product with the inverse for the division: a point within rounding of a border falls on the same side each time.
    double factor = inverse_edge * 0x1p30;
    for (int64_t i = 0; i < n; i++) {
        const float *p = points + 4 * i;
        int32_t *offset = offsets + 4 * i;
        uint64_t cell = 0;
        for (int axis = 0; axis < 3; axis++) {
            int64_t steps = (int64_t)(((double)p[axis] - low[axis]) * factor);
            cell |= (uint64_t)(steps >> 30) << (21 * axis);
            offset[axis] = (int32_t)(steps & 0x3fffffff);
        }
        offset[3] = 0;
        cells[i] = cell;
    }
}

/// Least and greatest of n values, four at a time: the last four may overlap those before.
static void range(const float *values, int64_t n, float *low, float *high) {
    float least = values[0], greatest = values[0];
#if defined(__x86_64__)
    if (n >= 4) {
        __m128 first = _mm_loadu_ps(values), a = first, b = first;
        for (int64_t i = 4; i + 4 <= n; i += 4) {
            __m128 v = _mm_loadu_ps(values + i);
            a = _mm_min_ps(a, v);
            b = _mm_max_ps(b, v);
        }
        __m128 last = _mm_loadu_ps(values + n - 4);
        a = _mm_min_ps(a, last);
        b = _mm_max_ps(b, last);
        a = _mm_min_ps(a, _mm_movehl_ps(a, a));
        b = _mm_max_ps(b, _mm_movehl_ps(b, b));
        a = _mm_min_ss(a, _mm_shuffle_ps(a, a, 1));
        b = _mm_max_ss(b, _mm_shuffle_ps(b, b, 1));
        *low = _mm_cvtss_f32(a);
        *high = _mm_cvtss_f32(b);
        return;
    }
#endif
    for (int64_t i = 1; i < n; i++) {
        if (values[i] < least) least = values[i];
        if (values[i] > greatest) greatest = values[i];
    }
    *low = least;
    *high = greatest;
}

void geometry_box(
    const float *x, const float *y, const float *z, int64_t first, int64_t end, float low[3], float high[3]) {
    range(x + first, end - first, low, high);
    range(y + first, end - first, low + 1, high + 1);
    range(z + first, end - first, low + 2, high + 2);
}
