#ifndef GEOMETRY_FARTHEST_H
#define GEOMETRY_FARTHEST_H

#include <stdint.h>

// One step of farthest-point sampling. Distances are rounded as everywhere: (dx*dx + dy*dy) + dz*dz.

/// Points of a bucket, and buckets that are tested together.
#define GEOMETRY_BUCKET 32
#define GEOMETRY_BUCKETS_AT_A_TIME 16

/// Points in buckets of 32 along a curve, each with its squared distance to the nearest chosen one (-1 once chosen, and
/// for those that fill up the last bucket); and the buckets' boxes and greatest distances, filled up to a multiple of 16
/// with buckets whose greatest distance is -infinity.
typedef struct {
    const float *x, *y, *z;
    float *distance;
    /// low x, y, z, high x, y, z of the buckets' boxes, each `buckets` long.
    const float *bounds;
    float *greatest;
    int64_t buckets;
} geometry_buckets;

/// Adds the point with this number to the chosen ones; returns the one that is now farthest from them, of equal ones the
/// first. A bucket whose box is farther from the new point than its points are from the chosen ones is not touched.
int64_t geometry_farthest_step(const geometry_buckets *set, int64_t chosen);

#endif
