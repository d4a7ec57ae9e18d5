import Foundation

/// One-sided tolerance factors of the normal distribution: `mean + factor * deviation` of n values is, with the stated
/// confidence, above the stated share of the whole population.
enum ToleranceFactor {
    static let coverage = 0.99
    static let confidence = 0.90

    /// For n = 2, 3, ...: quantile 0.90 of the noncentral t with n - 1 degrees of freedom and noncentrality
    /// z(0.99) sqrt(n), over sqrt(n); SciPy 1.17.1, `scipy.stats.nct.ppf` (tools/reference/tolerance_factor.py).
    private static let exact: [Double] = [
        18.5001, 7.3404, 5.4382, 4.6660, 4.2425, 3.9720, 3.7825, 3.6414, 3.5317, 3.4434, 3.3707, 3.3095, 3.2572, 3.2118,
        3.1721, 3.1369, 3.1054, 3.0771, 3.0515, 3.0282, 3.0069, 2.9873, 2.9692, 2.9524, 2.9367, 2.9222, 2.9085, 2.8958,
        2.8837,
    ]

    /// - Parameters:
    ///   - n: independent values, at least 2.
    ///   - coverage: share of the population below the bound, between 0.5 and 1.
    /// - Returns: at coverage 0.99 the tabled factor up to n = 30; else the noncentral t's quantile by quadrature.
    static func factor(n: Int, coverage: Double = coverage) -> Double {
        precondition(n >= 2 && coverage > 0.5 && coverage < 1)
        if abs(coverage - Self.coverage) < 1e-12, n - 2 < exact.count { return exact[n - 2] }
        let z = normalQuantile(coverage)
        var low = 0.0, high = 64.0
        while share(below: high, z: z, n: n) < confidence { high *= 2 }
        for _ in 0..<48 {
            let middle = (low + high) / 2
            if share(below: middle, z: z, n: n) < confidence { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }

    /// P(mean + k s >= z) for n standard normal values: the integral over s of the chi density times the normal's
    /// distribution, by Simpson's rule.
    private static func share(below k: Double, z: Double, n: Int) -> Double {
        let freedom = Double(n - 1), root = Double(n).squareRoot()
        let logNorm = (freedom / 2 - 1) * log(2.0) + lgamma(freedom / 2)
        let start = max(0, freedom.squareRoot() - 8), end = freedom.squareRoot() + 8
        let panels = 600, step = (end - start) / Double(panels)
        var sum = 0.0
        for i in 0...panels {
            let chi = start + Double(i) * step
            guard chi > 0 || freedom == 1 else { continue }
            let density = exp((freedom == 1 ? 0 : (freedom - 1) * log(chi)) - chi * chi / 2 - logNorm)
            let weight = i == 0 || i == panels ? 1.0 : (i % 2 == 1 ? 4 : 2)
            sum += weight * density * normalShare(root * (k * chi / freedom.squareRoot() - z))
        }
        return sum * step / 3
    }

    private static func normalShare(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

    private static func normalQuantile(_ share: Double) -> Double {
        var low = 0.0, high = 10.0
        for _ in 0..<60 {
            let middle = (low + high) / 2
            if normalShare(middle) < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
