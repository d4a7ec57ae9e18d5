import Foundation

extension Reason {
    static func tooFewPoints(_ found: Int, minimum: Int) -> Reason {
        Reason(
            code: "too_few_points",
            message: "expected at least \(minimum) usable points, as on the taught parts; \(found) points arrived: "
                + "check the scanner's exposure and that all of the part's frames are sent")
    }

    static func notRegistered(fitness: Double, minimum: Double) -> Reason {
        Reason(
            code: "not_registered",
            message: "expected at least \(percent(minimum)) of the part's points on the taught surface, found "
                + "\(percent(fitness)): check that it is the right part type, and whole"
        )
    }

    static func notCovered(_ found: Double, minimum: Double) -> Reason {
        Reason(
            code: "not_covered",
            message:
                "expected at least \(percent(minimum)) of the taught surface to be scanned, found \(percent(found)): "
                + "check the scan path, or teach the part type from scans like this one")
    }

    static func tooManyStrays(_ found: Int, of points: Int) -> Reason {
        Reason(
            code: "too_many_stray_points",
            message:
                "expected at most 2 % of the points to lie apart from all others, found \(found) of \(points): check the "
                + "scanner for reflections, and the part for something loose or thinly scanned")
    }

    static let notFinite = Reason(
        code: "not_finite",
        message: "expected finite distances and reconstruction errors, found some that are not: check the scanner's "
            + "coordinates, and the model with `scanward score` on a good part")

    static func aboveThreshold(_ score: Float, _ threshold: Float, regions: Int) -> Reason {
        Reason(
            code: "score_above_threshold",
            message:
                "score \(String(format: "%.2f", score)) is above the threshold of \(String(format: "%.2f", threshold)), "
                + "in \(regions) region\(regions == 1 ? "" : "s")")
    }

    private static func percent(_ share: Double) -> String { String(format: "%.0f %%", share * 100) }
}
