import Foundation
import PointClouds

/// Where the sensor of a scan from one side stood, told by how densely the scan's points lie.
///
/// A camera or a line scanner sends its rays at even steps of angle, so that a surface at distance d, whose normal is off the ray by
/// an angle a, holds points in the proportion cos(a) / d². The eye whose law fits the densities best is looked for. A cloud that
/// was thinned to an even density no longer tells it.
struct SensorPlace: Sendable, Equatable {
    /// In the scan's frame, mm.
    let eye: SIMD3<Float>

    /// Points that the fit looks at, at most.
    private static let sampleCount = 1200
    private static let starts = 48, settled = 6, iterations = 40
    /// Soft L1's width, of the logarithm of a density over 24 neighbours, which scatters by about 0.25.
    private static let width = 0.3
    /// Costs, by the cost of the eye that is found: an even density must fit worse by this much, and so must an eye on the other
    /// side of the part.
    private static let evenCost = 1.15, otherCost = 1.02

    init(eye: SIMD3<Float>) { self.eye = eye }

    /// - Parameters:
    ///   - normals: of each point, of either sign.
    ///   - weights: 0 for points whose neighbourhood ends, so that its density says nothing.
    /// - Returns: `nil` where the densities do not tell an eye, or tell two sides alike.
    /// - Complexity: O(sample) for each of some hundred steps; about 10 ms.
    init?(_ points: [SIMD3<Float>], normals: [SIMD3<Float>], neighbors: NeighborTable, weights: [Float]) {
        let inner = points.indices.filter { weights[$0] > 0 }
        guard inner.count >= 100 else { return nil }
        let step = max(1, inner.count / Self.sampleCount)
        let center = points.centroid
        let sample = stride(from: 0, to: inner.count, by: step).map { inner[$0] }
        let radius =
            sample.map { i -> Double in
                let offset = SIMD3<Double>(points[i]) - center
                return (offset * offset).sum()
            }.max()?.squareRoot() ?? 0
        guard radius > 0 else { return nil }
        let densities = sample.map { i -> Double in
            -log(Double(max(.leastNormalMagnitude, neighbors.squaredDistances[(i + 1) * neighbors.size - 1])))
        }
        let law = DensityLaw(
            points: sample.map { (SIMD3<Double>(points[$0]) - center) / radius },
            normals: sample.map { SIMD3<Double>(normals[$0]) }, densities: densities, width: Self.width)
        var found = (0..<Self.starts).map { number -> (eye: SIMD3<Double>, cost: Double) in
            let eye = ViewDirection.spiral(number, of: Self.starts) * 4
            return (eye, law.cost(eye))
        }
        found.sort { $0.cost < $1.cost }
        let best = found[0].eye
        // The other side is looked at as well, whatever it promised at the start.
        let opposite = found.filter { ($0.eye * best).sum() < 0 }.prefix(Self.settled / 2)
        let refined = (found.prefix(Self.settled) + opposite).map { law.refined($0.eye, iterations: Self.iterations) }
        guard let winner = refined.min(by: { $0.cost < $1.cost }) else { return nil }
        let direction = winner.eye / (winner.eye * winner.eye).sum().squareRoot()
        let rival = refined.filter { ($0.eye * direction).sum() < 0 }.map(\.cost).min() ?? .infinity
        guard law.evenCost >= Self.evenCost * winner.cost, rival >= Self.otherCost * winner.cost else { return nil }
        eye = SIMD3<Float>(center + winner.eye * radius)
    }
}

/// log density = c + log |n (e - p)| - 3 log |e - p|, fitted in e and c by soft L1 (Levenberg and Marquardt).
private struct DensityLaw {
    let points: [SIMD3<Double>]
    let normals: [SIMD3<Double>]
    let densities: [Double]
    let width: Double
    /// Cosines below this are taken for it: nearly grazing surface is seen by chance.
    private let leastCosine = 0.1
    /// Of the eye, in radii of the part: nearer it would stand inside, and from afar its distance no longer shows.
    private let distances = 1.3...40.0

    /// Residuals without c.
    private func residuals(_ eye: SIMD3<Double>) -> [Double] {
        points.indices.map { i in
            let ray = eye - points[i], distance = (ray * ray).sum().squareRoot()
            let cosine = max(leastCosine, abs((normals[i] * ray).sum()) / max(distance, 1e-9))
            return densities[i] - log(cosine) + 2 * log(max(distance, 1e-9))
        }
    }

    private func loss(_ residual: Double) -> Double {
        2 * width * width * ((1 + residual * residual / (width * width)).squareRoot() - 1)
    }

    private func cost(of residuals: [Double]) -> Double {
        let middle = median(residuals)
        return residuals.reduce(0) { $0 + loss($1 - middle) } / Double(residuals.count)
    }

    func cost(_ eye: SIMD3<Double>) -> Double { cost(of: residuals(eye)) }

    /// Of a density that is the same everywhere.
    var evenCost: Double { cost(of: densities) }

    func refined(_ start: SIMD3<Double>, iterations: Int) -> (eye: SIMD3<Double>, cost: Double) {
        var eye = start, cost = self.cost(start), damping = 1e-2
        for _ in 0..<iterations {
            let values = residuals(eye), middle = median(values)
            var rows = [SIMD3<Double>](repeating: .zero, count: 3), right = SIMD3<Double>.zero
            var gradients = [SIMD3<Double>](), weights = [Double](), mean = SIMD3<Double>.zero, total = 0.0
            gradients.reserveCapacity(points.count)
            for i in points.indices {
                let ray = eye - points[i], squared = (ray * ray).sum(), along = (normals[i] * ray).sum()
                let isGrazing = abs(along) <= leastCosine * squared.squareRoot()
                // d/de of the residual, without c.
                let gradient = (isGrazing ? .zero : -normals[i] / along) + (isGrazing ? 2.0 : 3.0) / squared * ray
                let scaled = (values[i] - middle) / width
                let weight = 1 / (1 + scaled * scaled).squareRoot()
                gradients.append(gradient)
                weights.append(weight)
                mean += weight * gradient
                total += weight
            }
            mean /= total
            for i in points.indices {
                let gradient = gradients[i] - mean
                for row in 0..<3 { rows[row] += weights[i] * gradient[row] * gradient }
                right -= weights[i] * (values[i] - middle) * gradient
            }
            guard let move = Self.solution(rows, right, damping: damping) else { break }
            var next = eye + move
            let reach = (next * next).sum().squareRoot()
            next *= min(max(reach, distances.lowerBound), distances.upperBound) / max(reach, 1e-9)
            let nextCost = self.cost(next)
            if nextCost < cost {
                let gain = cost - nextCost
                (eye, cost, damping) = (next, nextCost, max(1e-6, damping / 5))
                if gain < 1e-7 * cost { break }
            } else {
                damping *= 8
                if damping > 1e6 { break }
            }
        }
        return (eye, cost)
    }

    /// By Cramer's rule; the matrix is symmetric, its diagonal grows by `damping`.
    private static func solution(
        _ rows: [SIMD3<Double>], _ right: SIMD3<Double>, damping: Double
    ) -> SIMD3<Double>? {
        var (a, b, c) = (rows[0], rows[1], rows[2])
        (a.x, b.y, c.z) = (a.x * (1 + damping), b.y * (1 + damping), c.z * (1 + damping))
        let matrix = Matrix3(rows: a, b, c), determinant = matrix.determinant
        guard determinant.isFinite, abs(determinant) > 1e-12 else { return nil }
        return SIMD3(
            Matrix3(rows: right, b, c).determinant, Matrix3(rows: a, right, c).determinant,
            Matrix3(rows: a, b, right).determinant) / determinant
    }

    private func median(_ values: [Double]) -> Double {
        let sorted = values.sorted()
        return sorted[sorted.count / 2]
    }
}
