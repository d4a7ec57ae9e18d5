// Products with a weight matrix that is laid out once and used often.
//
// OpenBLAS lays its right factor out anew for each product: with the network's 64 to 154 rows that is a quarter of the
// time. Here y = x * Wᵀ reads W from panels made beforehand, and adds bias and residual on the way out.

#ifndef NETWORK_PANELS_H
#define NETWORK_PANELS_H

#include "network_kernels.h"

#include <stddef.h>

/// Columns of y that a panel serves.
#define NN_PANEL_WIDTH 32

/// What becomes of the product p: y = factor * (p + bias), added to y if `keep`, then max(0, y) if `rectify`.
typedef struct {
    /// NULL: none. One row of as many values as y has columns serves all rows of a group.
    const float *bias;
    /// From one group's row to the next one's; 0: the same for all.
    ptrdiff_t bias_stride;
    /// Rows of a group; at least 1.
    ptrdiff_t group;
    float factor;
    int keep;
    int rectify;
} nn_panel_output;

/// W [n, k] to panels [ceil(n / 32), k, 32], filled up with zeros.
void nn_pack_panels(const float *w, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t k, float *panels);
/// The transpose of W [k, n] to panels [ceil(n / 32), k, 32].
void nn_pack_transposed_panels(const float *w, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t k, float *panels);

/// y [m, n] from x [m, k] and panels, whose beginnings are `panel_stride` apart. An element of y is summed in the order of
/// k, in blocks of 512, whatever rows are computed with it: so its bits do not depend on how rows are cut.
NETWORK_KERNEL(nn_multiply_panels, (const float *x, ptrdiff_t x_stride, ptrdiff_t m, ptrdiff_t k, const float *panels,
                                    ptrdiff_t panel_stride, ptrdiff_t n, float *y, ptrdiff_t y_stride,
                                    const nn_panel_output *output))

#endif
