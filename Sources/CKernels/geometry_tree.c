#include "geometry_tree.h"

#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#pragma STDC FP_CONTRACT OFF

/// Deep enough: 63 bits and 27 halvings of equal codes make 45 levels of four, each leaving three on the stack.
#define STACK 256

/// Which of the four children are within the squared radius of the box: a bit each. Rounded as the distance to a point
/// is, so that no point within the radius is in a child that is not.
static inline int near_children(
    const geometry_node *node, const float low[3], const float high[3], float squared_radius) {
#if defined(__x86_64__)
    // SSE is part of the platform.
    __m128 sum = _mm_setzero_ps();
    for (int axis = 0; axis < 3; axis++) {
        __m128 below = _mm_sub_ps(_mm_loadu_ps(node->bounds[axis]), _mm_set1_ps(high[axis]));
        __m128 above = _mm_sub_ps(_mm_set1_ps(low[axis]), _mm_loadu_ps(node->bounds[axis + 3]));
        __m128 gap = _mm_max_ps(_mm_max_ps(below, above), _mm_setzero_ps());
        sum = _mm_add_ps(sum, _mm_mul_ps(gap, gap));
    }
    return _mm_movemask_ps(_mm_cmple_ps(sum, _mm_set1_ps(squared_radius)));
#else
    int mask = 0;
    for (int slot = 0; slot < 4; slot++) {
        float sum = 0;
        for (int axis = 0; axis < 3; axis++) {
            float below = node->bounds[axis][slot] - high[axis], above = low[axis] - node->bounds[axis + 3][slot];
            float gap = below > above ? below : above;
            if (gap > 0) sum += gap * gap;
        }
        mask |= (sum <= squared_radius) << slot;
    }
    return mask;
#endif
}

/// A walk over the leaves within the squared radius of a box.
typedef struct {
    const geometry_tree *tree;
    const float *low, *high;
    float squared_radius;
    int32_t top;
    int32_t stack[STACK];
} walk;

/// The next leaf of the walk, in the order of the columns; -1 at its end.
static inline int32_t next_leaf(walk *w) {
    while (w->top > 0) {
        int32_t child = w->stack[--w->top];
        if (child < 0) return ~child;
        const geometry_node *node = w->tree->nodes + child;
        int mask = near_children(node, w->low, w->high, w->squared_radius);
        // Last slot first, so that leaves come off in their order; written in any case, kept if near.
        for (int slot = 3; slot >= 0; slot--) {
            w->stack[w->top] = node->children[slot];
            w->top += mask >> slot & 1;
        }
    }
    return -1;
}

static inline void begin(
    walk *w, const geometry_tree *tree, const float low[3], const float high[3], float squared_radius) {
    w->tree = tree;
    w->low = low;
    w->high = high;
    w->squared_radius = squared_radius;
    w->top = 1;
    w->stack[0] = 0;
}

/// Copies the points of a leaf behind the `found` that are there, if there is room; returns the new number.
static inline int64_t append(const geometry_tree *tree, int32_t leaf, int64_t found, geometry_candidates *to) {
    int32_t first = tree->leaf_starts[leaf], n = tree->leaf_starts[leaf + 1] - first;
    if (found + n <= to->capacity) {
        for (int32_t i = 0; i < n; i += 16) {
            memcpy(to->x + found + i, tree->x + first + i, 64);
            memcpy(to->y + found + i, tree->y + first + i, 64);
            memcpy(to->z + found + i, tree->z + first + i, 64);
            for (int32_t j = 0; j < 16; j++) to->position[found + i + j] = first + i + j;
        }
    }
    return found + n;
}

int64_t geometry_gather(
    const geometry_tree *tree, const float low[3], const float high[3], float squared_radius,
    geometry_candidates *candidates) {
    walk leaves;
    begin(&leaves, tree, low, high, squared_radius);
    int64_t found = 0;
    for (int32_t leaf = next_leaf(&leaves); leaf >= 0; leaf = next_leaf(&leaves)) {
        found = append(tree, leaf, found, candidates);
    }
    return found;
}
