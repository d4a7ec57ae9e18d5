extension EvaluationSummary.Row {
    /// - Parameter classes: of each class its results over the seeds, all with a row of that name.
    init(_ name: String, _ classes: [[ClassResult]]) {
        self.name = name
        let seeds = classes.map { $0.compactMap { $0.row(name) } }
        self.classes = zip(classes, seeds).map { results, rows in
            EvaluationSummary.ClassRow(
                partClass: results[0].partClass, good: results[0].parts.count { !$0.isBad },
                bad: results[0].parts.count(where: \.isBad), baseRate: results[0].baseRate,
                metrics: Self.metrics([rows]))
        }
        mean = Self.metrics(seeds)
        var hits: [Hit] = [], rejects: [Double] = []
        for results in classes {
            var ofPart: [String: [Hit]] = [:], ofGood: [String: [Double]] = [:]
            for result in results {
                let row = result.row(name)!
                let highest = result.parts.filter { !$0.isBad }.map { $0.rank(in: name) }.max() ?? -.infinity
                for part in result.parts {
                    let rejected = result.rejects(part, in: row).map { $0 ? 1.0 : 0 }
                    guard part.isBad else {
                        if let rejected { ofGood[part.name, default: []].append(rejected) }
                        continue
                    }
                    let hit = Hit(
                        kind: part.kind, atZero: part.rank(in: name) > highest ? 1 : 0, atThreshold: rejected,
                        defect: part.defect)
                    ofPart[part.name, default: []].append(hit)
                }
            }
            hits += ofPart.sorted { $0.key < $1.key }.map { Hit(mean: $0.value) }
            rejects += ofGood.sorted { $0.key < $1.key }.map { average($0.value) }
        }
        let kinds = Set(hits.map(\.kind)).sorted()
        self.kinds = (kinds + (hits.isEmpty ? [] : ["all"])).compactMap { kind in
            Hit.summary(kind, hits.filter { kind == "all" || $0.kind == kind })
        }
        falseRejects = .init(rejects)
    }

    /// Means over classes of the means over seeds. The draws of parts are the same for all seeds of a class.
    private static func metrics(_ classes: [[ClassResult.Row]]) -> [Metric: EvaluationSummary.Estimate] {
        var estimates: [Metric: EvaluationSummary.Estimate] = [:]
        for metric in Metric.allCases {
            let known = classes.map { $0.filter { $0.metrics[metric] != nil } }.filter { !$0.isEmpty }
            guard !known.isEmpty else { continue }
            let values = known.map { $0.map { $0.metrics[metric]! } }
            let draws = known.flatMap { $0.map { $0.replicates[metric]?.count ?? 0 } }.min() ?? 0
            let replicates = (0..<draws).map { draw in
                average(known.map { average($0.map { Double($0.replicates[metric]![draw]) }) })
            }
            let seeds = values.map(\.count).min() ?? 0
            let ofSeeds = (0..<seeds).map { seed in average(values.map { $0[seed] }) }
            let fromParts = standardDeviation(replicates)
            let spread = seeds > 1 ? standardDeviation(ofSeeds) * (Double(seeds) / Double(seeds - 1)).squareRoot() : 0
            let fromSeeds = spread / Double(max(1, seeds)).squareRoot()
            estimates[metric] = .init(
                value: average(values.map(average)),
                standardError: (fromParts * fromParts + fromSeeds * fromSeeds).squareRoot(), fromParts: fromParts,
                fromSeeds: fromSeeds)
        }
        return estimates
    }

    /// A defective part, found or not: shares of the seeds.
    private struct Hit {
        var kind: String
        var atZero: Double
        var atThreshold: Double?
        var defect: ClassResult.TrueDefect?

        init(kind: String, atZero: Double, atThreshold: Double?, defect: ClassResult.TrueDefect?) {
            self.kind = kind
            self.atZero = atZero
            self.atThreshold = atThreshold
            self.defect = defect
        }

        init(mean hits: [Hit]) {
            self = hits[0]
            atZero = average(hits.map(\.atZero))
            let known = hits.compactMap(\.atThreshold)
            atThreshold = known.isEmpty ? nil : average(known)
        }

        static func summary(_ kind: String, _ hits: [Hit]) -> EvaluationSummary.KindRow? {
            guard let atZero = EvaluationSummary.Share(hits.map(\.atZero)) else { return nil }
            // Found or missed with most of the seeds.
            let found = hits.filter { ($0.atThreshold ?? 0) > 0.5 }.compactMap(\.defect)
            let missed = hits.filter { ($0.atThreshold ?? 1) <= 0.5 }.compactMap(\.defect)
            return EvaluationSummary.KindRow(
                kind: kind, recallAtZeroFalseRejects: atZero,
                recallAtThreshold: EvaluationSummary.Share(hits.compactMap(\.atThreshold)),
                smallestSizeFound: found.map(\.size).min(), smallestDepthFound: found.map(\.depth).min(),
                largestDepthMissed: missed.map(\.depth).max())
        }
    }
}

extension EvaluationSummary.Regions {
    /// - Parameter results: of one method; its first row's threshold tells what is found.
    init?(_ results: [ClassResult]) {
        var first: [Double] = [], any: [Double] = [], sizes: [Double] = [], depths: [Double] = []
        for result in results {
            guard let row = result.rows.first else { continue }
            for part in result.parts where part.isBad && part.undecidable == nil {
                guard let match = part.regions, result.rejects(part, in: row) == true else { continue }
                first.append(match.isFirstInPlace ? 1 : 0)
                any.append(match.isAnyInPlace ? 1 : 0)
                guard let defect = part.defect, match.isAnyInPlace else { continue }
                if let size = match.size, defect.size > 0 {
                    sizes.append(abs(Double(size) - defect.size) / defect.size)
                }
                if let depth = match.depth, defect.depth > 0 {
                    depths.append(abs(Double(depth) - defect.depth) / defect.depth)
                }
            }
        }
        guard let firstShare = EvaluationSummary.Share(first), let anyShare = EvaluationSummary.Share(any) else {
            return nil
        }
        firstInPlace = firstShare
        anyInPlace = anyShare
        sizeError = median(sizes)
        depthError = median(depths)
    }
}
