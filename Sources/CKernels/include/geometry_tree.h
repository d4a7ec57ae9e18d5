#ifndef GEOMETRY_TREE_H
#define GEOMETRY_TREE_H

#include <stdint.h>

// The walk through a spatial tree that collects the points around a box.

/// Four children, their boxes side by side: low x, y, z and high x, y, z of each, and a node's number or the complement
/// of a leaf's.
typedef struct {
    float bounds[6][4];
    int32_t children[4];
} geometry_node;

/// Leaf l holds points leaf_starts[l] ..< leaf_starts[l + 1] of the columns, which have room for 16 more.
typedef struct {
    const geometry_node *nodes;
    const int32_t *leaf_starts;
    const float *x, *y, *z;
} geometry_tree;

/// Where a walk puts points: their coordinates and places in the columns. There is room for capacity + 16, as whole blocks
/// of 16 are copied.
typedef struct {
    float *x, *y, *z;
    int32_t *position;
    int64_t capacity;
} geometry_candidates;

/// Collects the points of all leaves within the squared radius of a box, in the order of the columns. Returns how many
/// there are; where these are more than the capacity, not all of them were copied.
int64_t geometry_gather(
    const geometry_tree *tree, const float low[3], const float high[3], float squared_radius,
    geometry_candidates *candidates);

#endif
