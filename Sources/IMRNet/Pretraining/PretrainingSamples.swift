import NeuralNetwork
public import ParallelLoops
import PointClouds
import SeededRandom

/// The data of a pretraining: shapes in, masked patches out. The one way from a surface to a training sample, for the
/// trainer here and for the files that a machine with a GPU trains from.
///
/// Sample n is a function of the shapes, the options and n alone: a fresh sampling of a shape's surface, normalised, half
/// of them turned, stretched, moved, with centres by geometry-aware sampling and a mask of its own.
public struct PretrainingSamples: Sendable {
    public struct Options: Sendable, Equatable, Codable {
        /// Points sampled on a surface; 8,192 in the paper.
        public var points = 8192
        /// Patches of a sample, G, and points of a patch, K.
        public var patches = 256
        public var patchPoints = 64
        /// Share of the patches that are masked; 0.4 in the paper.
        public var maskRatio: Float = 0.4
        /// Each axis is scaled by a factor drawn from 1 / stretch ... stretch (Point-MAE: 2/3 to 3/2).
        public var stretch: Float = 1.5
        /// Each axis is shifted by up to this much, in radii of the shape.
        public var shift: Float = 0.2
        /// Share of the samples that are turned, uniformly over all rotations: parts do not come posed as in a catalogue.
        public var turned: Float = 0.5
        /// Share of the shapes that are held out, by a hash of their names.
        public var heldOut = 0.05
        /// Most of the held-out shapes that are looked at in a validation.
        public var validationShapes = 128
        public var seed: UInt64 = 1
        public init() {}
    }

    public let options: Options
    /// Both in the order of their names.
    public let training: [PretrainingShape]
    public let heldOut: [PretrainingShape]

    /// Splits the shapes. At least one name is held out, and at least one is not.
    ///
    /// - Throws: with fewer than two names, or options that cannot be met.
    public init(_ shapes: [PretrainingShape], options: Options = Options()) throws(PretrainingError) {
        guard options.points >= options.patches, options.patches >= 2, options.patchPoints >= 1,
            options.points >= options.patchPoints, options.patches <= PretrainingShape.leastPoints,
            options.patchPoints <= PretrainingShape.leastPoints / 2
        else {
            throw PretrainingError(
                .shapes,
                "expected 2 to \(PretrainingShape.leastPoints) patches of at most \(PretrainingShape.leastPoints / 2) points, "
                    + "and at least as many points as patches; found \(options.patches) patches of \(options.patchPoints) "
                    + "on \(options.points) points")
        }
        let sorted = shapes.sorted { ($0.name, $0.digest) < ($1.name, $1.digest) }
        let places = Set(sorted.map(\.place)).sorted()
        guard places.count >= 2, let lowest = places.first, let highest = places.last else {
            throw PretrainingError(
                .shapes,
                "expected shapes of at least two names, one of them to be held out; found \(places.count): "
                    + "what follows a + in a name does not count")
        }
        // The lowest place is always held out, the highest never.
        let limit = min(max(options.heldOut, lowest.nextUp), highest)
        self.options = options
        training = sorted.filter { $0.place >= limit }
        heldOut = sorted.filter { $0.place < limit }
    }

    /// Training samples `first`, `first + 1`, ...: each epoch takes every shape once, in an order of its own.
    ///
    /// The same bits on any number of threads; one thread makes a whole sample.
    public func batch(from first: Int, count: Int, workers: Workers = .all) -> [TrainingSample] {
        var orders: [Int: [Int]] = [:]
        for epoch in first / training.count...(first + max(count, 1) - 1) / training.count {
            var random = SplitMix64(seed: SplitMix64.seed(~options.seed, stream: UInt64(epoch)))
            orders[epoch] = training.indices.shuffled(using: &random)
        }
        let shapes = (first..<first + count).map { training[orders[$0 / training.count]![$0 % training.count]] }
        return make(count, workers) { number in
            var random = SplitMix64(seed: SplitMix64.seed(options.seed, stream: UInt64(first + number)))
            return sample(shapes[number], augmented: true, using: &random)
        }
    }

    /// One sample of each held-out shape (of more than `validationShapes`, by chance), neither stretched nor moved, half
    /// of them turned: always the same.
    public func validation(workers: Workers = .all) -> [TrainingSample] {
        let shapes = heldOut.sorted { $0.rank < $1.rank }.prefix(options.validationShapes)
        return make(shapes.count, workers) { number in
            let seed = SplitMix64.seed(options.seed &+ 0x5661_6C69_6461_7465, stream: UInt64(number))
            var random = SplitMix64(seed: seed)
            return sample(shapes[number], augmented: false, using: &random)
        }
    }

    private func sample(
        _ shape: PretrainingShape, augmented: Bool, using random: inout SplitMix64
    ) -> TrainingSample {
        var points = shape.sample(options.points, using: &random)
        if random.uniform() < options.turned {
            let turn = RigidTransform(
                quaternion: SIMD4(
                    Double(random.normal()), Double(random.normal()), Double(random.normal()), Double(random.normal())))
            points = turn.apply(points)
        }
        if augmented {
            var scale = SIMD3<Float>.one, shift = SIMD3<Float>.zero
            for axis in 0..<3 {
                let least = 1 / options.stretch
                scale[axis] = least + (options.stretch - least) * random.uniform()
                shift[axis] = options.shift * (2 * random.uniform() - 1)
            }
            for index in points.indices { points[index] = points[index] * scale + shift }
        }
        let cloud = NeighborIndex(points, workers: .one)
        let centers = GeometryAwareSampling.sample(cloud, count: options.patches, workers: .one)
        let patches = Patches(cloud: cloud, centers: centers, size: options.patchPoints, workers: .one)
        let masks = MaskSchedule(strategy: .random, ratio: options.maskRatio, iterations: 1)
        return TrainingSample(patches, masked: masks.masks(count: patches.count, using: &random)[0])
    }

    private func make(_ count: Int, _ workers: Workers, _ body: @Sendable (Int) -> TrainingSample) -> [TrainingSample] {
        var samples = [TrainingSample?](repeating: nil, count: count)
        samples.withUnsafeMutableBufferPointer { buffer in
            let target = DisjointWrites(buffer)
            workers.run(chunks: count) { target[$0] = body($0) }
        }
        return samples.compactMap { $0 }
    }

    /// What a run's checkpoint is held to besides the settings: a hash of all names and digests, and of their order.
    public var fingerprint: String {
        var hash = FNV1a()
        for shape in training + heldOut { hash.add("\(shape.name)\u{0}\(shape.digest)\u{0}".utf8) }
        return "\(training.count)+\(heldOut.count) shapes, \(String(hash.value, radix: 16))"
    }
}
