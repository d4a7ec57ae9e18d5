import PointClouds

/// How the taught views of a part lie to one another, as far as that is known.
struct ViewJoints: Sendable, Equatable {
    /// From each view's frame to that of its group. Shape [V].
    let frames: [RigidTransform]
    /// Views whose places beside one another are known; the largest group first.
    let groups: [[Int]]

    /// Nothing is known.
    init(apart count: Int) {
        self.init(frames: [RigidTransform](repeating: .identity, count: count), groups: (0..<count).map { [$0] })
    }

    init(frames: [RigidTransform], groups: [[Int]]) {
        self.frames = frames
        self.groups = groups.map { $0.sorted() }.sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
    }

    /// - Parameter numbers: by view the number of its group; the views are in one frame already.
    init(numbers: [Int]) {
        let groups = Dictionary(grouping: numbers.indices) { numbers[$0] }
        self.init(
            frames: [RigidTransform](repeating: .identity, count: numbers.count), groups: Array(groups.values))
    }

    /// By view the number of its group.
    var numbers: [Int] {
        var numbers = [Int](repeating: 0, count: frames.count)
        for (number, group) in groups.enumerated() {
            for view in group { numbers[view] = number }
        }
        return numbers
    }

    /// Views that lie on no other.
    var unconfirmed: [Int] { groups.filter { $0.count == 1 }.joined().sorted() }
}
