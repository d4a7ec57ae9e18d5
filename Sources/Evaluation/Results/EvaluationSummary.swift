/// The tables of an evaluation: all classes and seeds of every row.
public struct EvaluationSummary: Sendable, Codable, Equatable {
    /// A mean with its standard error.
    public struct Estimate: Sendable, Codable, Equatable {
        public var value: Double
        /// Of the value: root of the sum of squares of the two below.
        public var standardError: Double
        /// From drawing the parts anew (bootstrap).
        public var fromParts: Double
        /// From drawing the seeds: their standard deviation over the root of their number; 0 for one seed.
        public var fromSeeds: Double
    }

    public struct ClassRow: Sendable, Codable, Equatable {
        public var partClass: String
        public var good: Int
        public var bad: Int
        public var baseRate: Double?
        public var metrics: [Metric: Estimate]
    }

    /// A share of parts, a mean over seeds.
    public struct Share: Sendable, Codable, Equatable {
        public var value: Double
        /// 95 % (Wilson), for the number of distinct parts.
        public var interval: BinomialInterval
        /// Distinct parts.
        public var count: Int

        init?(_ hits: [Double]) {
            let sum = hits.reduce(0, +)
            guard let interval = BinomialInterval(successes: sum, trials: hits.count) else { return nil }
            value = sum / Double(hits.count)
            self.interval = interval
            count = hits.count
        }
    }

    /// What is found of one kind of defect; `all` joins the kinds.
    public struct KindRow: Sendable, Codable, Equatable {
        public var kind: String
        /// Above the highest score of the class's good test parts.
        public var recallAtZeroFalseRejects: Share
        /// Above the calibrated threshold, or not decidable; `nil` where the row has no threshold.
        public var recallAtThreshold: Share?
        /// Among those found at the threshold (mm), where a manifest tells sizes.
        public var smallestSizeFound: Double?
        public var smallestDepthFound: Double?
        /// Largest one that was missed.
        public var largestDepthMissed: Double?
    }

    public struct Row: Sendable, Codable, Equatable {
        public var name: String
        /// Over the classes.
        public var mean: [Metric: Estimate]
        public var classes: [ClassRow]
        public var kinds: [KindRow]
        /// Good parts rejected at the calibrated threshold; undecidable ones count.
        public var falseRejects: Share?
    }

    /// Of the predicted regions, among the defects found at the threshold.
    public struct Regions: Sendable, Codable, Equatable {
        /// The worst region's centre lies within 5 % of the diagonal of the defect; any region's does.
        public var firstInPlace: Share
        public var anyInPlace: Share
        /// Median of |told - true| / true, over the regions in place, where a manifest tells sizes.
        public var sizeError: Double?
        public var depthError: Double?
    }

    public struct Undecidable: Sendable, Codable, Equatable {
        public var partClass: String
        public var seed: UInt64
        public var part: String
        public var kind: String
        public var method: String
        public var reason: String
    }

    public var rows: [Row] = []
    /// Names of each method's first row: its verdict.
    public var leading: [String] = []
    public var regions: [String: Regions] = [:]
    public var undecidable: [Undecidable] = []
    /// Of scoring, median over the parts, by method.
    public var secondsPerPart: [String: Double] = [:]
    public var teachingSeconds: [String: Double] = [:]
    public var partsAtOnce = 1
    public var seeds: [UInt64] = []
    public var notes: [String] = []

    /// - Parameter results: of any classes, seeds and methods. A class that lacks a seed counts with those that it has.
    public init(_ results: [ClassResult], notes: [String] = []) {
        seeds = Set(results.map(\.seed)).sorted()
        partsAtOnce = results.map(\.partsAtOnce).max() ?? 1
        self.notes = notes + Self.unique(results.flatMap(\.notes))
        for method in Self.unique(results.map(\.method)) {
            let own = results.filter { $0.method == method }
            if let first = own.first?.rows.first { leading.append(first.name) }
            let classes = Self.unique(own.map(\.partClass)).map { name in own.filter { $0.partClass == name } }
            for name in Self.unique(own.flatMap { $0.rows.map(\.name) }) {
                rows.append(Row(name, classes.map { $0.filter { $0.row(name) != nil } }.filter { !$0.isEmpty }))
            }
            secondsPerPart[method] = median(own.flatMap { $0.parts.map(\.seconds) })
            teachingSeconds[method] = median(own.map(\.teachingSeconds))
            regions[method] = Regions(own)
            undecidable += own.flatMap { result in
                result.parts.compactMap { part in
                    part.undecidable.map {
                        Undecidable(
                            partClass: result.partClass, seed: result.seed, part: part.name, kind: part.kind,
                            method: method, reason: $0)
                    }
                }
            }
        }
    }

    private static func unique(_ names: [String]) -> [String] {
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}

extension ClassResult {
    func row(_ name: String) -> Row? { rows.first { $0.name == name } }

    /// Whether a row's calibrated threshold rejects the part.
    func rejects(_ part: Part, in row: Row) -> Bool? {
        row.threshold.map { part.rank(in: row.name) > $0 }
    }
}

func median(_ values: [Double]) -> Double? {
    guard !values.isEmpty else { return nil }
    let sorted = values.sorted(), middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

func average(_ values: [Double]) -> Double { values.reduce(0, +) / Double(max(1, values.count)) }

func standardDeviation(_ values: [Double]) -> Double {
    let middle = average(values)
    return average(values.map { ($0 - middle) * ($0 - middle) }).squareRoot()
}
