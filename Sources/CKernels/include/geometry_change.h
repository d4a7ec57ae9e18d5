#ifndef GEOMETRY_CHANGE_H
#define GEOMETRY_CHANGE_H

#include <stdint.h>

/// The mean over the neighbours of one point of how fast normals and curvature change towards them (IMRNet, eq. 3-5):
/// scale * min(|n_i - n_j|, |n_i + n_j|) / max(|v_ij|, least) + |K_i - K_j|.
///
/// A record is x y z, curvature, normal x y z, unused. `own` is the record of the point itself, which is passed over among
/// the k neighbours, as are those farther away than the square root of reach. 0 without any.
float geometry_rate_of_change(
    const float *records, const int32_t *neighbors, int32_t k, int32_t own, float scale, float least, float reach);

#endif
