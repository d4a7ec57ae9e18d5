internal import CKernels
public import ParallelLoops

/// Pairs of points of two clouds whose histograms are nearest to each other.
public enum FeatureMatching {
    /// Two rows that are each other's nearest.
    public struct Match: Sendable, Equatable {
        public var source: Int32
        public var target: Int32

        public init(source: Int32, target: Int32) {
            self.source = source
            self.target = target
        }
    }

    /// All pairs of rows that are mutually nearest by Euclidean distance of the 33 bins, in order of the source.
    ///
    /// Every row is compared with every other; of equal distances the first row counts.
    /// - Parameter rows: of the source to be used, ascending; nil is all of them.
    /// - Complexity: O(33 S T): 1 ms for a million pairs; at most 64 times the target's rows of eight bytes.
    public static func mutualNearest(
        source: FastPointFeatureHistograms, rows: [Int32]? = nil, target: FastPointFeatureHistograms,
        workers: Workers = .all
    ) -> [Match] {
        let rows = rows ?? (0..<Int32(source.count)).map { $0 }
        guard !rows.isEmpty, target.count > 0 else { return [] }
        let groups = FeatureGroups(target)
        let padded = 8 * groups.count
        // Sources that one chunk of work holds, a multiple of four: the same on any number of threads.
        let chunk = max(256, (rows.count + 255) / 256 * 4)
        let chunks = (rows.count + chunk - 1) / chunk
        var nearest = [Int32](repeating: -1, count: rows.count)
        // Of each chunk by itself, joined in order afterwards.
        var distances = [Float](repeating: .infinity, count: chunks * padded)
        var answers = [Int32](repeating: -1, count: chunks * padded)
        nearest.withUnsafeMutableBufferPointer { nearest in
            distances.withUnsafeMutableBufferPointer { distances in
                answers.withUnsafeMutableBufferPointer { answers in
                    let nearest = DisjointWrites(nearest)
                    let distances = DisjointWrites(distances)
                    let answers = DisjointWrites(answers)
                    workers.run(chunks: chunks) { number in
                        var four = [Float](repeating: 0, count: 4 * FastPointFeatureHistograms.width)
                        var norms = [Float](repeating: 0, count: 4)
                        var best = [Float](repeating: 0, count: 4)
                        var found = [Int32](repeating: 0, count: 4)
                        let end = min(rows.count, (number + 1) * chunk)
                        for start in stride(from: number * chunk, to: end, by: 4) {
                            // The last ones again to fill up: they never come before themselves.
                            for k in 0..<4 {
                                let row = Int(rows[min(start + k, end - 1)])
                                norms[k] = 0
                                for bin in 0..<FastPointFeatureHistograms.width {
                                    let value = source.values[row * FastPointFeatureHistograms.width + bin]
                                    four[k * FastPointFeatureHistograms.width + bin] = value
                                    norms[k] += value * value / 2
                                }
                            }
                            feature_match_four(
                                four, norms, Int32(start), groups.values, groups.norms, Int32(groups.count), &best,
                                &found, distances.base + number * padded, answers.base + number * padded)
                            for k in 0..<min(4, end - start) { nearest[start + k] = found[k] }
                        }
                    }
                }
            }
        }
        for number in 1..<max(1, chunks) {
            for t in 0..<padded where distances[number * padded + t] < distances[t] {
                distances[t] = distances[number * padded + t]
                answers[t] = answers[number * padded + t]
            }
        }
        return rows.indices.compactMap { i in
            guard nearest[i] >= 0, answers[Int(nearest[i])] == Int32(i) else { return nil }
            return Match(source: rows[i], target: nearest[i])
        }
    }
}

/// Target rows in groups of eight side by side, as the kernel reads them.
private struct FeatureGroups {
    let count: Int
    let values: [Float]
    let norms: [Float]

    init(_ features: FastPointFeatureHistograms) {
        let width = FastPointFeatureHistograms.width
        count = (features.count + 7) / 8
        var values = [Float](repeating: 0, count: count * width * 8)
        var norms = [Float](repeating: .infinity, count: count * 8)
        for row in 0..<features.count {
            var sum: Float = 0
            for bin in 0..<width {
                let value = features.values[row * width + bin]
                values[(row / 8 * width + bin) * 8 + row % 8] = value
                sum += value * value / 2
            }
            norms[row] = sum
        }
        (self.values, self.norms) = (values, norms)
    }
}
