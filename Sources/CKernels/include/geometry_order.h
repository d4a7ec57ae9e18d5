#ifndef GEOMETRY_ORDER_H
#define GEOMETRY_ORDER_H

#include <stdint.h>

// The loops that put a cloud into Morton order. Points are x y z and one lane of padding, as Swift's SIMD3<Float> lies in
// memory; the padding is never looked at. The same bits on every processor.

/// The box around those of n points that have no infinite coordinate and no NaN; returns how many these are.
/// Without any, low is +infinity and high -infinity.
int64_t geometry_bounds(const float *points, int64_t n, float low[3], float high[3]);

/// The 63-bit Morton code of each point, 21 bits an axis: bit i of x, y, z becomes bit 3 i, 3 i + 1, 3 i + 2 of the code,
/// where x is (point.x - low.x) * scale in double, cut to an integer.
/// All points are finite, and scale is such that each result is in 0 ... 2^21 - 1.
void geometry_morton(const float *points, int64_t n, const double low[3], double scale, uint64_t *codes);

/// The cell of each point in a cubic grid, x | y << 21 | z << 42, and its offset from the cell's corner in steps of 2^-30
/// of the edge, four numbers for each point, the last 0. All points are finite and in the grid.
void geometry_voxels(
    const float *points, int64_t n, const double low[3], double inverse_edge, uint64_t *cells, int32_t *offsets);

/// The box around points first ..< end of the columns x, y, z; at least one.
void geometry_box(
    const float *x, const float *y, const float *z, int64_t first, int64_t end, float low[3], float high[3]);

#endif
