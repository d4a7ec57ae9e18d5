#include "network_panels.h"

#include <string.h>

#define INLINE static inline __attribute__((always_inline))
// Vectors stay inside functions that are inlined: no call's convention could change.
#pragma clang diagnostic ignored "-Wpsabi"

enum { panel = NN_PANEL_WIDTH, depth_block = 512 };

void nn_pack_panels(const float *w, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t k, float *panels) {
    enum { block = 16 };
    for (ptrdiff_t j = 0; j < n; j += panel) {
        ptrdiff_t width = n - j < panel ? n - j : panel;
        float *to = panels + j * k;
        if (width < panel) memset(to, 0, sizeof(float) * (size_t)(panel * k));
        for (ptrdiff_t start = 0; start < k; start += block) {
            ptrdiff_t end = start + block < k ? start + block : k;
            for (ptrdiff_t l = 0; l < width; l++)
                for (ptrdiff_t i = start; i < end; i++) to[i * panel + l] = w[(j + l) * stride + i];
        }
    }
}

void nn_pack_transposed_panels(const float *w, ptrdiff_t stride, ptrdiff_t n, ptrdiff_t k, float *panels) {
    for (ptrdiff_t j = 0; j < n; j += panel) {
        ptrdiff_t width = n - j < panel ? n - j : panel;
        float *to = panels + j * k;
        if (width < panel) memset(to, 0, sizeof(float) * (size_t)(panel * k));
        for (ptrdiff_t i = 0; i < k; i++) memcpy(to + i * panel, w + i * stride + j, sizeof(float) * (size_t)width);
    }
}

// Defines the product for one kind of vector: tiles of at most `most_rows` rows and two vectors, whose sums stay in
// registers. 12 x 32 with AVX-512 takes 24 of 32 registers, 6 x 16 with AVX2 12 of 16.
#define DEFINE_MULTIPLY(name, target, lanes, most_rows)                                                               \
    typedef float name##_vector __attribute__((vector_size(4 * lanes), aligned(4), may_alias));                       \
    INLINE void name##_tile(const float *x, ptrdiff_t x_stride, ptrdiff_t k, const float *b, float *y,                \
                            ptrdiff_t y_stride, ptrdiff_t columns, const float *bias, const nn_panel_output *output,  \
                            const int rows) {                                                                         \
        name##_vector total[most_rows][2];                                                                            \
        for (ptrdiff_t start = 0; start < k || start == 0; start += depth_block) {                                    \
            ptrdiff_t end = k - start < depth_block ? k : start + depth_block;                                        \
            name##_vector sums[most_rows][2];                                                                         \
            _Pragma("unroll") for (int r = 0; r < rows; r++) sums[r][0] = sums[r][1] = (name##_vector){0};            \
            for (ptrdiff_t i = start; i < end; i++) {                                                                 \
                const float *row = b + i * panel;                                                                     \
                __builtin_prefetch(row + 48 * panel);                                                                 \
                if (lanes == 16) __builtin_prefetch(row + 48 * panel + 16);                                           \
                name##_vector b0 = *(const name##_vector *)row, b1 = *(const name##_vector *)(row + lanes);           \
                _Pragma("unroll") for (int r = 0; r < rows; r++) {                                                    \
                    float value = x[r * x_stride + i];                                                                \
                    sums[r][0] += value * b0;                                                                         \
                    sums[r][1] += value * b1;                                                                         \
                }                                                                                                     \
            }                                                                                                         \
            _Pragma("unroll") for (int r = 0; r < rows; r++) for (int v = 0; v < 2; v++)                              \
                total[r][v] = start == 0 ? sums[r][v] : total[r][v] + sums[r][v];                                     \
        }                                                                                                             \
        float factor = output->factor;                                                                                \
        int keep = output->keep, rectify = output->rectify;                                                           \
        if (columns >= 2 * lanes) {                                                                                   \
            _Pragma("unroll") for (int r = 0; r < rows; r++) for (int v = 0; v < 2; v++) {                            \
                name##_vector value = total[r][v], *to = (name##_vector *)(y + r * y_stride + v * lanes);             \
                if (bias) value += *(const name##_vector *)(bias + v * lanes);                                        \
                value *= factor;                                                                                      \
                if (keep) value += *to;                                                                               \
                if (rectify) value = __builtin_elementwise_max(value, (name##_vector){0});                            \
                *to = value;                                                                                          \
            }                                                                                                         \
        } else {                                                                                                      \
            _Pragma("unroll") for (int r = 0; r < rows; r++) {                                                        \
                float values[2 * lanes];                                                                              \
                memcpy(values, total[r], sizeof values);                                                              \
                for (ptrdiff_t i = 0; i < columns; i++) {                                                             \
                    float value = (values[i] + (bias ? bias[i] : 0)) * factor;                                        \
                    if (keep) value += y[r * y_stride + i];                                                           \
                    y[r * y_stride + i] = rectify && !(value > 0) ? 0 : value;                                        \
                }                                                                                                     \
            }                                                                                                         \
        }                                                                                                             \
    }                                                                                                                 \
    target static void name##_rows(const float *x, ptrdiff_t x_stride, ptrdiff_t k, const float *b, float *y,         \
                                   ptrdiff_t y_stride, ptrdiff_t columns, const float *bias,                          \
                                   const nn_panel_output *output, ptrdiff_t rows) {                                   \
        switch (rows) {                                                                                               \
            TILE_CASES_##most_rows(name)                                                                              \
        }                                                                                                             \
    }                                                                                                                 \
    target static void name##_multiply(const float *x, ptrdiff_t x_stride, ptrdiff_t m, ptrdiff_t k,                  \
                                       const float *panels, ptrdiff_t panel_stride, ptrdiff_t n, float *y,            \
                                       ptrdiff_t y_stride, const nn_panel_output *output) {                           \
        for (ptrdiff_t j = 0; j < n; j += 2 * lanes) {                                                                \
            const float *b = panels + j / panel * panel_stride + j % panel;                                           \
            const float *bias = output->bias ? output->bias + j : NULL;                                               \
            for (ptrdiff_t start = 0; start < m; start += output->group) {                                            \
                ptrdiff_t height = m - start < output->group ? m - start : output->group;                             \
                ptrdiff_t blocks = (height + most_rows - 1) / most_rows;                                              \
                for (ptrdiff_t q = 0; q < blocks; q++) {                                                              \
                    ptrdiff_t row = start + height * q / blocks, end = start + height * (q + 1) / blocks;             \
                    name##_rows(x + row * x_stride, x_stride, k, b, y + row * y_stride + j, y_stride, n - j, bias,    \
                                output, end - row);                                                                   \
                }                                                                                                     \
                if (bias) bias += output->bias_stride;                                                                \
            }                                                                                                         \
        }                                                                                                             \
    }

#define TILE_CASE(name, rows) \
    case rows: name##_tile(x, x_stride, k, b, y, y_stride, columns, bias, output, rows); break;
#define TILE_CASES_4(name) TILE_CASE(name, 1) TILE_CASE(name, 2) TILE_CASE(name, 3) TILE_CASE(name, 4)
#define TILE_CASES_6(name) TILE_CASES_4(name) TILE_CASE(name, 5) TILE_CASE(name, 6)
#define TILE_CASES_12(name)                                                                                \
    TILE_CASES_6(name) TILE_CASE(name, 7) TILE_CASE(name, 8) TILE_CASE(name, 9) TILE_CASE(name, 10)        \
    TILE_CASE(name, 11) TILE_CASE(name, 12)

DEFINE_MULTIPLY(plain, , 4, 4)
#if defined(__x86_64__)
DEFINE_MULTIPLY(avx2, __attribute__((target("avx2,fma"))), 8, 6)
DEFINE_MULTIPLY(avx512, __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,avx2,fma"))), 16, 12)
#else
#define avx2_multiply plain_multiply
#define avx512_multiply plain_multiply
#endif

void nn_multiply_panels_plain(
    const float *x, ptrdiff_t x_stride, ptrdiff_t m, ptrdiff_t k, const float *panels, ptrdiff_t panel_stride, ptrdiff_t n,
    float *y, ptrdiff_t y_stride, const nn_panel_output *output) {
    plain_multiply(x, x_stride, m, k, panels, panel_stride, n, y, y_stride, output);
}

void nn_multiply_panels_avx2(
    const float *x, ptrdiff_t x_stride, ptrdiff_t m, ptrdiff_t k, const float *panels, ptrdiff_t panel_stride, ptrdiff_t n,
    float *y, ptrdiff_t y_stride, const nn_panel_output *output) {
    avx2_multiply(x, x_stride, m, k, panels, panel_stride, n, y, y_stride, output);
}

void nn_multiply_panels(
    const float *x, ptrdiff_t x_stride, ptrdiff_t m, ptrdiff_t k, const float *panels, ptrdiff_t panel_stride, ptrdiff_t n,
    float *y, ptrdiff_t y_stride, const nn_panel_output *output) {
    switch (nn_level()) {
        case 2: avx512_multiply(x, x_stride, m, k, panels, panel_stride, n, y, y_stride, output); break;
        case 1: avx2_multiply(x, x_stride, m, k, panels, panel_stride, n, y, y_stride, output); break;
        default: plain_multiply(x, x_stride, m, k, panels, panel_stride, n, y, y_stride, output);
    }
}
