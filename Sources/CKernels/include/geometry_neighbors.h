#ifndef GEOMETRY_NEIGHBORS_H
#define GEOMETRY_NEIGHBORS_H

#include <stdint.h>

// The inner loops of the searches for neighbours. Distances are rounded after every
// operation, in the order (dx*dx + dy*dy) + dz*dz, on every path: the same bits as the Swift code computes elsewhere.

/// Copies the squared distances and the places of those of n points that are no farther from q than the bound, in their
/// order; returns how many. The outputs have room for n + 16.
int32_t geometry_choose(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, float bound,
    float *distance, int32_t *place);

/// Leaves the k least of m values, 0 or greater and none above the bound, and their places, in the order in which they
/// stood; of equal ones the first. Returns a number no less than those that are left, and no greater than the bound. Both arrays have room for m + 64; what lies behind the m values is overwritten.
float geometry_keep_least(float *values, int32_t *place, int32_t m, int32_t k, float bound);

/// For each of m values its place in ascending order, equal ones as they stand. Both arrays have room for m + 8;
/// what lies behind the m values is overwritten.
void geometry_rank(float *values, int32_t m, int32_t *place);

/// The least squared distance of n points from q, and the first place that has it; infinity and -1 without any.
float geometry_least(
    const float *x, const float *y, const float *z, int32_t n, float qx, float qy, float qz, int32_t *place);

#endif
