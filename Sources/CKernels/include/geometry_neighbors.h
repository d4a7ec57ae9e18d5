#ifndef GEOMETRY_NEIGHBORS_H
#define GEOMETRY_NEIGHBORS_H

#include <stdint.h>

// The two inner loops of the search for the nearest of all points, with AVX2 where the processor has it.
// Distances are rounded after every operation, in the order (dx*dx + dy*dy) + dz*dz, on every path: the same bits
// as the Swift code computes elsewhere.

/// Copies the squared distances (and positions) of those of n points that are no farther from q than the bound,
/// in their order; returns how many. The outputs have room for n + 8.
int32_t geometry_choose(
    const float *x, const float *y, const float *z, const int32_t *position, int32_t n, float qx, float qy, float qz,
    float bound, float *chosen_distance, int32_t *chosen_position);

/// For each of m values its place in ascending order, equal ones as they stand. Both arrays have room for m + 8;
/// what lies behind the m values is overwritten.
void geometry_rank(float *values, int32_t m, int32_t *place);

/// The same two without AVX2, for other processors and to hold the fast ones to.
int32_t geometry_choose_plain(
    const float *x, const float *y, const float *z, const int32_t *position, int32_t n, float qx, float qy, float qz,
    float bound, float *chosen_distance, int32_t *chosen_position);
void geometry_rank_plain(const float *values, int32_t m, int32_t *place);

#endif
