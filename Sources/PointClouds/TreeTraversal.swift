/// A subtree still to be looked at, and the squared distance to its box.
struct PendingChild {
    var squaredDistance: Float
    var child: Int32
}

extension SpatialTree {
    /// Runs `body` with room for the stack of one traversal.
    @inline(__always)
    func withStack<R>(_ body: (UnsafeMutablePointer<PendingChild>) -> R) -> R {
        withUnsafeTemporaryAllocation(of: PendingChild.self, capacity: Self.stackCapacity) { buffer in
            body(buffer.baseAddress!)
        }
    }

    /// Pushes those children of `node` that are no farther than `bound`, nearest on top.
    @inline(__always)
    func push(
        _ node: Int, _ q: SIMD3<Float>, within bound: Float, _ stack: UnsafeMutablePointer<PendingChild>,
        _ top: inout Int
    ) {
        let distances = nodes[node].squaredDistances(q.x, q.y, q.z)
        let children = nodes[node].children
        let base = top
        for slot in 0..<4 where distances[slot] <= bound {
            let entry = PendingChild(squaredDistance: distances[slot], child: children[slot])
            var hole = top
            while hole > base && stack[hole - 1].squaredDistance < entry.squaredDistance {
                stack[hole] = stack[hole - 1]
                hole -= 1
            }
            stack[hole] = entry
            top += 1
        }
    }

    /// The least key over all points, or `best` if none is less.
    @inline(__always)
    func nearest(
        to q: SIMD3<Float>, startingFrom best: NeighborKey, _ stack: UnsafeMutablePointer<PendingChild>
    ) -> NeighborKey {
        var best = best
        var bound = best.squaredDistance
        var top = 0
        push(0, q, within: bound, stack, &top)
        while top > 0 {
            top -= 1
            let entry = stack[top]
            if entry.squaredDistance > bound { continue }
            if entry.child >= 0 {
                push(Int(entry.child), q, within: bound, stack, &top)
                continue
            }
            for position in leaf(Int(~entry.child)) {
                let d = squaredDistance(point(position), q)
                if d <= bound {
                    let key = neighborKey(d, position)
                    if key < best {
                        best = key
                        bound = d
                    }
                }
            }
        }
        return best
    }

    /// Calls `body` with the positions of each leaf whose box is within the radius, in curve order.
    @inline(__always)
    func forEachLeaf(
        squaredRadius: Float, around box: Box, _ stack: UnsafeMutablePointer<PendingChild>, _ body: (Int) -> Void
    ) {
        var top = 1
        stack[0] = PendingChild(squaredDistance: 0, child: 0)
        while top > 0 {
            top -= 1
            let child = stack[top].child
            if child < 0 {
                body(Int(~child))
                continue
            }
            let distances = nodes[Int(child)].squaredDistances(box)
            let children = nodes[Int(child)].children
            // Last slot first, so that leaves come off the stack along the curve.
            for slot in stride(from: 3, through: 0, by: -1) where distances[slot] <= squaredRadius {
                stack[top] = PendingChild(squaredDistance: 0, child: children[slot])
                top += 1
            }
        }
    }
}

/// Reorders `values` so that the first k are the least and `values[k - 1]` the greatest of them (Hoare's selection).
/// - Precondition: `1 <= k <= count`.
func selectLeast<T: Comparable>(_ k: Int, of values: UnsafeMutablePointer<T>, count: Int) {
    var low = 0
    var high = count - 1
    let target = k - 1
    while low < high {
        let middle = (low + high) / 2
        // Median of three as the pivot.
        if values[middle] < values[low] { swapAt(values, middle, low) }
        if values[high] < values[low] { swapAt(values, high, low) }
        if values[high] < values[middle] { swapAt(values, high, middle) }
        let pivot = values[middle]
        var i = low
        var j = high
        while i <= j {
            while values[i] < pivot { i += 1 }
            while pivot < values[j] { j -= 1 }
            if i <= j {
                swapAt(values, i, j)
                i += 1
                j -= 1
            }
        }
        if target <= j {
            high = j
        } else if target >= i {
            low = i
        } else {
            return
        }
    }
}

@inline(__always)
private func swapAt<T>(_ values: UnsafeMutablePointer<T>, _ i: Int, _ j: Int) {
    let held = values[i]
    values[i] = values[j]
    values[j] = held
}
