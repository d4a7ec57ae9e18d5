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

    /// - Parameter n: independent values, at least 2.
    /// - Returns: the exact factor up to n = 30, Natrella's approximation (NIST handbook 91, section 2-5.2) above.
    static func factor(n: Int) -> Double {
        precondition(n >= 2)
        if n - 2 < exact.count { return exact[n - 2] }
        let zCoverage = 2.3263478740408408, zConfidence = 1.2815515655446004
        let a = 1 - zConfidence * zConfidence / (2 * Double(n - 1))
        let b = zCoverage * zCoverage - zConfidence * zConfidence / Double(n)
        return (zCoverage + (zCoverage * zCoverage - a * b).squareRoot()) / a
    }
}
