#include "network_kernels.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))

int nn_level(void) {
#if defined(__x86_64__)
    if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 0;
    int wide = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
               __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
    return wide ? 2 : 1;
#else
    return 0;
#endif
}

// Defines all forms from an inlined body. Bodies are plain loops that clang vectorises for any target.
#if defined(__x86_64__)
#define DEFINE_KERNEL(name, parameters, arguments)                                                            \
    __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))) static void name##_avx512 parameters { \
        name##_body arguments;                                                                                \
    }                                                                                                         \
    __attribute__((target("avx2,fma"))) void name##_avx2 parameters { name##_body arguments; }                \
    void name##_plain parameters { name##_body arguments; }                                                   \
    void name parameters {                                                                                    \
        switch (nn_level()) {                                                                                 \
            case 2: name##_avx512 arguments; break;                                                           \
            case 1: name##_avx2 arguments; break;                                                             \
            default: name##_plain arguments;                                                                  \
        }                                                                                                     \
    }
#else
#define DEFINE_KERNEL(name, parameters, arguments)          \
    void name##_avx2 parameters { name##_body arguments; }  \
    void name##_plain parameters { name##_body arguments; } \
    void name parameters { name##_body arguments; }
#endif

// Sums may be split over the lanes of a vector, always in the same way.
#define REASSOCIATE _Pragma("clang fp reassociate(on)")

// e^x for x <= 88, to 2 units in the last place; 0 below -87.
INLINE float exponential(float x) {
    const float shifter = 12582912.0f;  // 1.5 * 2^23: adding it rounds to an integer
    float clamped = x < -87.0f ? -87.0f : x;
    float n = (clamped * 1.44269504f + shifter) - shifter;
    float r = clamped - n * 0.693359375f;
    r = r + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    int32_t bits = ((int32_t)n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return x < -87.0f ? 0.0f : p * power;
}

// The normal distribution's function Phi(x) and density phi(x), by Abramowitz and Stegun 7.1.26 (error of Phi: 8e-8).
INLINE float normal(float x, float *density) {
    float a = __builtin_fabsf(x) * 0.70710678f;
    float t = 1.0f / (1.0f + 0.3275911f * a);
    float e = exponential(-a * a);
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    float tail = 0.5f * p * t * e;
    *density = 0.39894228f * e;
    return x < 0 ? tail : 1.0f - tail;
}

INLINE void nn_gelu_body(const float *x, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float density;
        y[i] = x[i] * normal(x[i], &density);
    }
}
DEFINE_KERNEL(nn_gelu, (const float *x, float *y, ptrdiff_t count), (x, y, count))

INLINE void nn_gelu_backward_body(const float *restrict x, float *restrict gradient, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) {
        float density, distribution = normal(x[i], &density);
        gradient[i] *= distribution + x[i] * density;
    }
}
DEFINE_KERNEL(nn_gelu_backward, (const float *x, float *gradient, ptrdiff_t count), (x, gradient, count))

INLINE float row_sum(const float *x, ptrdiff_t count) {
    REASSOCIATE
    float sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += x[i];
    return sum;
}

INLINE float row_product(const float *x, const float *y, ptrdiff_t count) {
    REASSOCIATE
    float sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += x[i] * y[i];
    return sum;
}

INLINE float row_spread(const float *x, float mean, ptrdiff_t count) {
    REASSOCIATE
    float sum = 0;
    for (ptrdiff_t i = 0; i < count; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sum;
}

INLINE void nn_softmax_body(float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float scale) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        float *row = x + r * stride;
        // Sixteen running maxima, so that the loop needs no reassociation of NaN-sensitive comparisons.
        float lanes[16];
        for (int l = 0; l < 16; l++) lanes[l] = row[0];
        ptrdiff_t i = 0;
        for (; i + 16 <= columns; i += 16)
            for (int l = 0; l < 16; l++) lanes[l] = row[i + l] > lanes[l] ? row[i + l] : lanes[l];
        float largest = lanes[0];
        for (int l = 1; l < 16; l++) largest = lanes[l] > largest ? lanes[l] : largest;
        for (; i < columns; i++) largest = row[i] > largest ? row[i] : largest;
        for (i = 0; i < columns; i++) row[i] = exponential((row[i] - largest) * scale);
        float inverse = 1.0f / row_sum(row, columns);
        for (i = 0; i < columns; i++) row[i] *= inverse;
    }
}
DEFINE_KERNEL(nn_softmax, (float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float scale),
              (x, rows, columns, stride, scale))

INLINE void nn_softmax_backward_body(const float *probabilities, ptrdiff_t probability_stride, float *gradient,
                                     ptrdiff_t gradient_stride, ptrdiff_t rows, ptrdiff_t columns, float scale) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *restrict p = probabilities + r * probability_stride;
        float *restrict g = gradient + r * gradient_stride;
        float mean = row_product(p, g, columns);
        for (ptrdiff_t i = 0; i < columns; i++) g[i] = scale * p[i] * (g[i] - mean);
    }
}
DEFINE_KERNEL(nn_softmax_backward,
              (const float *probabilities, ptrdiff_t probability_stride, float *gradient, ptrdiff_t gradient_stride,
               ptrdiff_t rows, ptrdiff_t columns, float scale),
              (probabilities, probability_stride, gradient, gradient_stride, rows, columns, scale))

INLINE void nn_layer_norm_body(const float *x, ptrdiff_t x_stride, const float *weight, const float *bias, float *y,
                               ptrdiff_t y_stride, float *moments, ptrdiff_t rows, ptrdiff_t columns, float epsilon) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *restrict in = x + r * x_stride;
        float *restrict out = y + r * y_stride;
        float mean = row_sum(in, columns) / (float)columns;
        float variance = row_spread(in, mean, columns) / (float)columns;
        float inverse = 1.0f / __builtin_elementwise_sqrt(variance + epsilon);
        if (weight)
            for (ptrdiff_t i = 0; i < columns; i++) out[i] = (in[i] - mean) * inverse * weight[i] + bias[i];
        else
            for (ptrdiff_t i = 0; i < columns; i++) out[i] = (in[i] - mean) * inverse;
        if (moments) {
            moments[2 * r] = mean;
            moments[2 * r + 1] = inverse;
        }
    }
}
DEFINE_KERNEL(nn_layer_norm,
              (const float *x, ptrdiff_t x_stride, const float *weight, const float *bias, float *y, ptrdiff_t y_stride,
               float *moments, ptrdiff_t rows, ptrdiff_t columns, float epsilon),
              (x, x_stride, weight, bias, y, y_stride, moments, rows, columns, epsilon))

INLINE void nn_layer_norm_backward_body(const float *restrict x, const float *restrict weight,
                                        const float *restrict moments, const float *restrict y_gradient,
                                        float *restrict x_gradient, float *restrict weight_gradient,
                                        float *restrict bias_gradient, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++) {
        const float *in = x + r * columns, *dy = y_gradient + r * columns;
        float *dx = x_gradient + r * columns;
        float mean = moments[2 * r], inverse = moments[2 * r + 1], sum = 0, product = 0;
        {
            REASSOCIATE
            for (ptrdiff_t i = 0; i < columns; i++) {
                float g = dy[i] * weight[i];
                sum += g;
                product += g * ((in[i] - mean) * inverse);
            }
        }
        sum /= (float)columns;
        product /= (float)columns;
        for (ptrdiff_t i = 0; i < columns; i++) {
            float normed = (in[i] - mean) * inverse;
            dx[i] += inverse * (dy[i] * weight[i] - sum - normed * product);
            weight_gradient[i] += dy[i] * normed;
            bias_gradient[i] += dy[i];
        }
    }
}
DEFINE_KERNEL(nn_layer_norm_backward,
              (const float *x, const float *weight, const float *moments, const float *y_gradient, float *x_gradient,
               float *weight_gradient, float *bias_gradient, ptrdiff_t rows, ptrdiff_t columns),
              (x, weight, moments, y_gradient, x_gradient, weight_gradient, bias_gradient, rows, columns))

INLINE void nn_scale_shift_relu_body(const float *x, const float *scale, const float *shift, float *y, ptrdiff_t rows,
                                     ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t i = 0; i < columns; i++) {
            float value = x[r * columns + i] * scale[i] + shift[i];
            y[r * columns + i] = value > 0 ? value : 0;
        }
}
DEFINE_KERNEL(nn_scale_shift_relu,
              (const float *x, const float *scale, const float *shift, float *y, ptrdiff_t rows, ptrdiff_t columns),
              (x, scale, shift, y, rows, columns))

INLINE void nn_column_moments_body(const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, float *restrict mean,
                                   float *restrict squares) {
    for (ptrdiff_t i = 0; i < columns; i++) mean[i] = squares[i] = 0;
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t i = 0; i < columns; i++) mean[i] += x[r * columns + i];
    float inverse = 1.0f / (float)rows;
    for (ptrdiff_t i = 0; i < columns; i++) mean[i] *= inverse;
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t i = 0; i < columns; i++) {
            float difference = x[r * columns + i] - mean[i];
            squares[i] += difference * difference;
        }
}
DEFINE_KERNEL(nn_column_moments, (const float *x, ptrdiff_t rows, ptrdiff_t columns, float *mean, float *squares),
              (x, rows, columns, mean, squares))

INLINE void nn_batch_norm_relu_backward_body(const float *restrict x, const float *restrict scale,
                                             const float *restrict shift, const float *restrict mean,
                                             const float *restrict inverse_deviation, float *restrict gradient,
                                             float *restrict sums, float *restrict products, ptrdiff_t rows,
                                             ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t i = 0; i < columns; i++) {
            float value = x[r * columns + i], g = gradient[r * columns + i];
            g = value * scale[i] + shift[i] > 0 ? g : 0;
            gradient[r * columns + i] = g;
            sums[i] += g;
            products[i] += g * ((value - mean[i]) * inverse_deviation[i]);
        }
}
DEFINE_KERNEL(nn_batch_norm_relu_backward,
              (const float *x, const float *scale, const float *shift, const float *mean,
               const float *inverse_deviation, float *gradient, float *sums, float *products, ptrdiff_t rows,
               ptrdiff_t columns),
              (x, scale, shift, mean, inverse_deviation, gradient, sums, products, rows, columns))

INLINE void nn_batch_norm_backward_body(const float *restrict x, const float *restrict scale,
                                        const float *restrict mean, const float *restrict inverse_deviation,
                                        const float *restrict sums, const float *restrict products,
                                        float *restrict gradient, ptrdiff_t rows, ptrdiff_t columns) {
    for (ptrdiff_t r = 0; r < rows; r++)
        for (ptrdiff_t i = 0; i < columns; i++) {
            float normed = (x[r * columns + i] - mean[i]) * inverse_deviation[i];
            gradient[r * columns + i] = scale[i] * (gradient[r * columns + i] - sums[i] - normed * products[i]);
        }
}
DEFINE_KERNEL(nn_batch_norm_backward,
              (const float *x, const float *scale, const float *mean, const float *inverse_deviation,
               const float *sums, const float *products, float *gradient, ptrdiff_t rows, ptrdiff_t columns),
              (x, scale, mean, inverse_deviation, sums, products, gradient, rows, columns))

INLINE void nn_max_pool_body(const float *restrict x, float *restrict y, int32_t *restrict winners, ptrdiff_t groups,
                             ptrdiff_t points, ptrdiff_t columns) {
    for (ptrdiff_t g = 0; g < groups; g++) {
        const float *rows = x + g * points * columns;
        float *best = y + g * columns;
        memcpy(best, rows, sizeof(float) * (size_t)columns);
        if (winners) {
            int32_t *winner = winners + g * columns;
            memset(winner, 0, sizeof(int32_t) * (size_t)columns);
            for (int32_t r = 1; r < points; r++)
                for (ptrdiff_t i = 0; i < columns; i++) {
                    float value = rows[r * columns + i];
                    winner[i] = value > best[i] ? r : winner[i];
                    best[i] = value > best[i] ? value : best[i];
                }
        } else {
            for (ptrdiff_t r = 1; r < points; r++)
                for (ptrdiff_t i = 0; i < columns; i++) {
                    float value = rows[r * columns + i];
                    best[i] = value > best[i] ? value : best[i];
                }
        }
    }
}
DEFINE_KERNEL(nn_max_pool,
              (const float *x, float *y, int32_t *winners, ptrdiff_t groups, ptrdiff_t points, ptrdiff_t columns),
              (x, y, winners, groups, points, columns))

INLINE void nn_add_scaled_body(const float *restrict x, float factor, float *restrict y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] += factor * x[i];
}
DEFINE_KERNEL(nn_add_scaled, (const float *x, float factor, float *y, ptrdiff_t count), (x, factor, y, count))

INLINE void nn_relu_body(const float *x, float *y, ptrdiff_t count) {
    for (ptrdiff_t i = 0; i < count; i++) y[i] = x[i] > 0 ? x[i] : 0;
}
DEFINE_KERNEL(nn_relu, (const float *x, float *y, ptrdiff_t count), (x, y, count))

// In blocks, so that the rounding error grows with the number of blocks and not of rows.
INLINE void nn_column_sums_body(const float *restrict x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride,
                                float *restrict sums) {
    enum { block_rows = 256, block_columns = 128 };
    for (ptrdiff_t c = 0; c < columns; c += block_columns) {
        ptrdiff_t width = columns - c < block_columns ? columns - c : block_columns;
        for (ptrdiff_t r = 0; r < rows; r += block_rows) {
            ptrdiff_t end = r + block_rows < rows ? r + block_rows : rows;
            float partial[block_columns] = {0};
            for (ptrdiff_t i = r; i < end; i++)
                for (ptrdiff_t k = 0; k < width; k++) partial[k] += x[i * stride + c + k];
            for (ptrdiff_t k = 0; k < width; k++) sums[c + k] += partial[k];
        }
    }
}
DEFINE_KERNEL(nn_column_sums, (const float *x, ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t stride, float *sums),
              (x, rows, columns, stride, sums))

INLINE void nn_squared_distances_body(const float *restrict a, const float *restrict b, ptrdiff_t rows,
                                      ptrdiff_t columns, float *restrict result) {
    REASSOCIATE
    for (ptrdiff_t r = 0; r < rows; r++) {
        float sum = 0;
        for (ptrdiff_t i = 0; i < columns; i++) sum += (a[i] - b[r * columns + i]) * (a[i] - b[r * columns + i]);
        result[r] = sum;
    }
}
DEFINE_KERNEL(nn_squared_distances,
              (const float *a, const float *b, ptrdiff_t rows, ptrdiff_t columns, float *result),
              (a, b, rows, columns, result))

// The vector runs over points of a; each point of b is broadcast.
INLINE void nn_nearest_body(const float *restrict a, ptrdiff_t count_a, const float *restrict b, ptrdiff_t count_b,
                            int32_t *restrict nearest, float *restrict squared_distances) {
    enum { block = 64 };
    for (ptrdiff_t start = 0; start < count_a; start += block) {
        ptrdiff_t count = count_a - start < block ? count_a - start : block;
        float x[block] = {0}, y[block] = {0}, z[block] = {0}, best[block];
        int32_t index[block];
        for (ptrdiff_t i = 0; i < count; i++) {
            x[i] = a[3 * (start + i)];
            y[i] = a[3 * (start + i) + 1];
            z[i] = a[3 * (start + i) + 2];
        }
        for (int i = 0; i < block; i++) {
            best[i] = __builtin_inff();
            index[i] = 0;
        }
        for (int32_t j = 0; j < count_b; j++) {
            float bx = b[3 * j], by = b[3 * j + 1], bz = b[3 * j + 2];
            for (int i = 0; i < block; i++) {
                float dx = x[i] - bx, dy = y[i] - by, dz = z[i] - bz;
                float d = dx * dx + dy * dy + dz * dz;
                index[i] = d < best[i] ? j : index[i];
                best[i] = d < best[i] ? d : best[i];
            }
        }
        memcpy(nearest + start, index, sizeof(int32_t) * (size_t)count);
        memcpy(squared_distances + start, best, sizeof(float) * (size_t)count);
    }
}
DEFINE_KERNEL(nn_nearest,
              (const float *a, ptrdiff_t count_a, const float *b, ptrdiff_t count_b, int32_t *nearest,
               float *squared_distances),
              (a, count_a, b, count_b, nearest, squared_distances))

INLINE void nn_adamw_body(float *restrict values, const float *restrict gradients, float *restrict first,
                          float *restrict second, ptrdiff_t count, float rate, float decay, float beta1, float rest1,
                          float beta2, float rest2, float epsilon, float correction1, float correction2) {
    float shrink = 1.0f - rate * decay, step = rate / correction1;
    float inverse_root = 1.0f / __builtin_elementwise_sqrt(correction2);
    for (ptrdiff_t i = 0; i < count; i++) {
        float g = gradients[i];
        float m = beta1 * first[i] + rest1 * g;
        float v = beta2 * second[i] + rest2 * g * g;
        first[i] = m;
        second[i] = v;
        float root = __builtin_elementwise_sqrt(v) * inverse_root + epsilon;
        values[i] = values[i] * shrink - step * m / root;
    }
}
DEFINE_KERNEL(nn_adamw,
              (float *values, const float *gradients, float *first, float *second, ptrdiff_t count, float rate,
               float decay, float beta1, float rest1, float beta2, float rest2, float epsilon, float correction1, float correction2),
              (values, gradients, first, second, count, rate, decay, beta1, rest1, beta2, rest2, epsilon, correction1,
               correction2))
