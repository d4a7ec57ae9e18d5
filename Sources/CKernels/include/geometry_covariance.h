#ifndef GEOMETRY_COVARIANCE_H
#define GEOMETRY_COVARIANCE_H

#include <stdint.h>

// Normals and curvatures from neighbourhoods, in double.

/// Matrices, and neighbourhoods, are worked on in groups of so many.
#define GEOMETRY_GROUP 16

/// The covariance matrix of k of the points in the columns x, y, z, those in the given places, relative to q. Its upper
/// triangle xx xy xz yy yz zz goes to covariance[0], [16], ... [80]: one lane of a group.
void geometry_covariance(
    const float *x, const float *y, const float *z, const int32_t *place, int32_t k, float qx, float qy, float qz,
    double *covariance);

/// The same for points of four floats each (the last is padding), relative to the first of the places.
void geometry_covariance_of_points(const float *points, const int32_t *place, int32_t k, double *covariance);

/// For each of sixteen symmetric matrices: the unit eigenvector of the smallest eigenvalue, its component of greatest
/// magnitude positive, as nx, ny, nz; and the eigenvalues in ascending order as l0, l1, l2. Sixteen of each.
void geometry_smallest_axes(const double *covariance, double *normals, double *values);

#endif
