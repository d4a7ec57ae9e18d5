#ifndef FEATURE_HISTOGRAMS_H
#define FEATURE_HISTOGRAMS_H

#include <stdint.h>

// The inner loops of fast point feature histograms (Rusu 2009) and of matching them. Every operation is rounded by
// itself, in the same order at every level (geometry_level.h).

/// Floats in a row: 33 bins (11 each of theta, alpha, phi), then 100, or 0 in a row without pairs, then six zeros.
enum { feature_row = 40 };

/// Copies positions[indices[i]] for i < count; the squared distances ascend, and the first beyond the bound ends it.
/// Returns how many. The row `ahead` elements further on is fetched into the cache meanwhile: rows of a shuffled cloud
/// lie anywhere in the table.
int32_t feature_positions(
    const int32_t *indices, const float *squared_distances, int32_t count, float bound, const int32_t *positions,
    int64_t ahead, int32_t *copied);

/// The histogram of the pair features of one point with each of its neighbours, at several neighbourhood sizes.
///
/// points: eight floats each: x, y, z, 0, and a unit normal nx, ny, nz, 0.
/// neighbors: count of them, nearest first, without the point itself.
/// sizes: ascending, of neighbours without the point itself; one beyond count counts as count.
/// rows: one of feature_row for each size, `stride` floats apart. Each third sums to 100.
void feature_pair_histograms(
    const float *points, int32_t self, const int32_t *neighbors, int32_t count, const int32_t *sizes,
    int32_t size_count, float *rows, int64_t stride);

/// sum(w_j row_j) scaled to 100 a third, plus the point's own row, with w_j = 1 / squared distance; those at 0 are left
/// out. Squared distances ascend. Writes 33 floats.
void feature_weighted_sum(
    const float *rows, int32_t self, const int32_t *neighbors, const float *squared_distances, int32_t count,
    float *values);

/// Groups of eight target features side by side: groups[(g * 33 + bin) * 8 + lane]; norms[g * 8 + lane] are half of
/// their squared lengths, infinite in lanes that hold no feature.
///
/// For four source features of 33 floats each (sources[4 * 33]), the least of norm - source . target over all groups
/// and where (the first of equal ones); and for each target the least of that plus the source's own half squared
/// length, and which source (first + 0..3), where it is less than what target_best holds.
void feature_match_four(
    const float *sources, const float *source_norms, int32_t first, const float *groups, const float *norms,
    int32_t group_count, float *best, int32_t *best_target, float *target_best, int32_t *target_source);

#endif
