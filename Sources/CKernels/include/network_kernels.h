// Loops of the network that are not matrix products. Each is compiled for AVX-512, for AVX2 with FMA and for the platform's
// baseline, and chosen at run time; the other forms are also exported, as NAME_plain and
// NAME_avx2, for the tests: the second only for processors that have it.
//
// Matrices are row-major; a stride is the distance between rows, in elements. Buffers of one call do not overlap unless
// said. Sums run in an order that depends on the shape alone, so that equal input gives equal bits.

#ifndef NETWORK_KERNELS_H
#define NETWORK_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#define NETWORK_KERNEL(name, parameters) \
    void name parameters;                \
    void name##_avx2 parameters;         \
    void name##_plain parameters;

// Which form the processor gets: 0 the baseline's, 1 AVX2 with FMA, 2 AVX-512.
int nn_level(void);

// y = x * Phi(x), with Phi the normal distribution function, to 4e-7. May work in place.
NETWORK_KERNEL(nn_gelu, (const float *x, float *y, ptrdiff_t count))
// gradient *= d gelu / dx at x.
NETWORK_KERNEL(nn_gelu_backward, (const float *x, float *gradient, ptrdiff_t count))

// x = softmax(scale * x) in each row, in place.
NETWORK_KERNEL(nn_softmax, (float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float scale))
// Gradient by the probabilities -> gradient by the unscaled scores, in place.
NETWORK_KERNEL(nn_softmax_backward, (const float *probabilities, ptrdiff_t probability_stride, float *gradient,
                                     ptrdiff_t gradient_stride, ptrdiff_t rows, ptrdiff_t columns, float scale))

// y = (x - mean) / sqrt(variance + epsilon) * weight + bias in each row; weight and bias may both be NULL, and so may
// moments, which receives mean and 1 / sqrt(variance + epsilon) of each row: [rows, 2].
NETWORK_KERNEL(nn_layer_norm, (const float *x, ptrdiff_t x_stride, const float *weight, const float *bias, float *y,
                               ptrdiff_t y_stride, float *moments, ptrdiff_t rows, ptrdiff_t columns, float epsilon))
// x_gradient += d/dx; weight_gradient and bias_gradient, [columns], are added to.
NETWORK_KERNEL(nn_layer_norm_backward, (const float *x, const float *weight, const float *moments,
                                        const float *y_gradient, float *x_gradient, float *weight_gradient,
                                        float *bias_gradient, ptrdiff_t rows, ptrdiff_t columns))

// y = max(0, x * scale + shift), by column: batch norm and ReLU. May work in place.
NETWORK_KERNEL(nn_scale_shift_relu, (const float *x, const float *scale, const float *shift, float *y, ptrdiff_t rows,
                                     ptrdiff_t columns))
// Mean and sum of squared differences from it, by column; each [columns].
NETWORK_KERNEL(nn_column_moments, (const float *x, ptrdiff_t rows, ptrdiff_t columns, float *mean, float *squares))
// Gradient by max(0, x * scale + shift) -> gradient by x * scale + shift, in place; adds its column sums to `sums`, and
// those of gradient * (x - mean) * inverse_deviation to `products`.
NETWORK_KERNEL(nn_batch_norm_relu_backward, (const float *x, const float *scale, const float *shift, const float *mean,
                                             const float *inverse_deviation, float *gradient, float *sums,
                                             float *products, ptrdiff_t rows, ptrdiff_t columns))
// gradient = scale * (gradient - sums - (x - mean) * inverse_deviation * products), with sums and products now means
// over all rows of the batch.
NETWORK_KERNEL(nn_batch_norm_backward, (const float *x, const float *scale, const float *mean,
                                        const float *inverse_deviation, const float *sums, const float *products,
                                        float *gradient, ptrdiff_t rows, ptrdiff_t columns))

// Largest value of each column in each group of `points` rows: [groups * points, columns] -> [groups, columns].
// `winners`, the row inside the group (the first of equals), may be NULL.
NETWORK_KERNEL(nn_max_pool, (const float *x, float *y, int32_t *winners, ptrdiff_t groups, ptrdiff_t points,
                             ptrdiff_t columns))

// y += factor * x.
NETWORK_KERNEL(nn_add_scaled, (const float *x, float factor, float *y, ptrdiff_t count))
// y = max(0, x). May work in place.
NETWORK_KERNEL(nn_relu, (const float *x, float *y, ptrdiff_t count))
// sums += column sums of x.
NETWORK_KERNEL(nn_column_sums, (const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *sums))

// result[r] = sum of (a - b)^2 over the columns of row r of b; a is one row, [columns].
NETWORK_KERNEL(nn_squared_distances, (const float *a, const float *b, ptrdiff_t rows, ptrdiff_t columns, float *result))

// For each of a[count_a, 3]: the nearest of b[count_b, 3] (the first of equals) and the squared distance to it.
NETWORK_KERNEL(nn_nearest, (const float *a, ptrdiff_t count_a, const float *b, ptrdiff_t count_b, int32_t *nearest,
                            float *squared_distances))

// One step of AdamW (Loshchilov and Hutter, 2019). `rate` and `epsilon` are as PyTorch's; rest = 1 - beta,
// correction = 1 - beta^step.
NETWORK_KERNEL(nn_adamw, (float *values, const float *gradients, float *first, float *second, ptrdiff_t count,
                          float rate, float decay, float beta1, float rest1, float beta2, float rest2,
                          float epsilon, float correction1,
                          float correction2))

#endif
