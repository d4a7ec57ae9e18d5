import Foundation
import NeuralNetwork
import ParallelLoops
import PointClouds
import SeededRandom
import Testing

@testable import Evaluation

@Suite struct MemoryBankTests {
    private static func random(_ rows: Int, _ columns: Int, seed: UInt64, offset: Float = 0) -> Matrix {
        var random = SplitMix64(seed: seed)
        return Matrix((0..<rows * columns).map { _ in random.normal() + offset }, rows: rows, columns: columns)
    }

    private static func distance(_ a: Matrix, _ i: Int, _ b: Matrix, _ j: Int) -> Double {
        (0..<a.columns).reduce(0.0) { sum, k in
            let d = Double(a[i, k]) - Double(b[j, k])
            return sum + d * d
        }.squareRoot()
    }

    private static func cloud(_ count: Int, seed: UInt64) -> [SIMD3<Float>] {
        var random = SplitMix64(seed: seed)
        return (0..<count).map { _ in SIMD3(random.normal(), random.normal(), random.normal()) }
    }

    /// Widths and counts that fill no tile, no block and no vector; far from the origin, where products lose digits.
    @Test(arguments: [(1, 1, 3, Float(0)), (83, 1030, 33, 0), (161, 2050, 7, 100)])
    func `The nearest rows are those of all pairs`(queries: Int, bank: Int, width: Int, offset: Float) {
        let a = Self.random(queries, width, seed: 1, offset: offset),
            b = Self.random(bank, width, seed: 2, offset: offset)
        let found = a.nearestRows(in: b)
        for i in 0..<queries {
            let least = (0..<bank).map { Self.distance(a, i, b, $0) }.min()!
            #expect(abs(Self.distance(a, i, b, Int(found.indices[i])) - least) < 1e-4 * max(least, 1))
            #expect(abs(Double(found.distances[i]) - Self.distance(a, i, b, Int(found.indices[i]))) < 1e-4)
        }
        let two = a.nearestRows(in: b, workers: Workers(count: 2))
        #expect(two.indices == found.indices && two.distances == found.distances)
        let none = a.nearestRows(in: Matrix(rows: 0, columns: width))
        #expect(none.indices.allSatisfy { $0 == -1 } && none.distances.allSatisfy { $0 == .infinity })
    }

    @Test func `A coreset takes the farthest row each time`() {
        let rows = Self.random(9000, 5, seed: 3)
        let found = GreedyCoreset.indices(of: rows, count: 40, start: 17)
        var chosen = [17]
        var distances = (0..<rows.rows).map { rows.squaredDistances(fromRow: 17, to: rows, rows: $0..<$0 + 1)[0] }
        while chosen.count < 40 {
            let next = distances.indices.max { (distances[$0], $1) < (distances[$1], $0) }!
            chosen.append(next)
            for i in distances.indices {
                distances[i] = min(distances[i], rows.squaredDistances(fromRow: next, to: rows, rows: i..<i + 1)[0])
            }
        }
        #expect(found == chosen)
        #expect(GreedyCoreset.indices(of: rows, count: 40, start: 17, workers: Workers(count: 2)) == found)
        let alike = Matrix(repeating: 1, rows: 6, columns: 2)
        #expect(Set(GreedyCoreset.indices(of: alike, count: 4, start: 2)).count == 4)
        #expect(GreedyCoreset.indices(of: alike, count: 9) == [0, 1, 2, 3, 4, 5])
    }

    @Test func `Wide features' coreset covers them about as well by projections`() {
        let rows = Self.random(600, 300, seed: 4)
        let bank = MemoryBank([rows.rows(0..<200), rows.rows(200..<600)])
        let kept = bank.coreset(share: 0.1, seed: 5, workers: .one)
        #expect(kept.rows.rows == 60)
        let exact = GreedyCoreset.indices(of: rows, count: 60)
        let radius = kept.nearest(to: rows, workers: .one).distances.max()!
        let best = (0..<600).map { i in exact.map { Self.distance(rows, i, rows, $0) }.min()! }.max()!
        #expect(Double(radius) < 1.15 * best)
        for row in 0..<60 {
            let at = (0..<600).first { Self.distance(kept.rows, row, rows, $0) == 0 }!
            #expect(kept.owners[row] == (at < 200 ? 0 : 1))
        }
        #expect(bank.coreset(share: 0.1, seed: 5, workers: Workers(count: 2)).rows.elements == kept.rows.elements)
        #expect(bank.coreset(share: 0.1, seed: 6, workers: .one).rows.elements != kept.rows.elements)
    }

    @Test func `The greatest distance is reweighted by eq. 7`() {
        // Nearest of the feature at 5 is the row at 1, whose nearest others are those at 0.5 and 0.
        let bank = MemoryBank([Matrix([0, 0.5, 1, -9], rows: 4, columns: 1)])
        let features = Matrix([5, 0.4], rows: 2, columns: 1)
        let nearest = bank.nearest(to: features, workers: .one)
        let expected = 4 * (1 - exp(4.0) / (exp(4.5) + exp(5.0)))
        #expect(abs(Double(bank.reweightedMaximum(features, nearest)) - expected) < 1e-5)
        let lone = MemoryBank([Matrix([1], rows: 1, columns: 1)])
        #expect(lone.reweightedMaximum(features, lone.nearest(to: features, workers: .one)) == 4)

        let places = [SIMD3<Float>(0, 0, 0), SIMD3(0.5, 0, 0), SIMD3(1, 0, 0), SIMD3(-9, 0, 0)]
        let points = CoordinateBank([places], workers: .one), part = [SIMD3<Float>(5, 0, 0), SIMD3(0.4, 0, 0)]
        let scale = 3.0.squareRoot()
        let inSpace = 4 * (1 - exp(4 / scale) / (exp(4.5 / scale) + exp(5 / scale)))
        let score = points.reweightedMaximum(part, points.distances(of: part, workers: .one))
        #expect(abs(Double(score) - inSpace) < 1e-5)
    }

    @Test func `A part is held out of the bank that it is compared with`() {
        let parts = [Self.random(50, 3, seed: 7), Self.random(40, 3, seed: 8), Self.random(30, 3, seed: 9)]
        var sum = 0.0
        for (number, part) in parts.enumerated() {
            for i in 0..<part.rows {
                sum += parts.indices.filter { $0 != number }.flatMap { other in
                    (0..<parts[other].rows).map { Self.distance(part, i, parts[other], $0) }
                }.min()!
            }
        }
        #expect(abs(Double(MemoryBank(parts).heldOutMean(parts, workers: .one)) - sum / 120) < 1e-4)
        let clouds = parts.map { part in (0..<part.rows).map { SIMD3(part[$0, 0], part[$0, 1], part[$0, 2]) } }
        let points = CoordinateBank(clouds, workers: .one)
        #expect(abs(Double(points.heldOutMean(clouds, workers: .one)) - sum / 120) < 1e-4)
        #expect(MemoryBank([parts[0]]).heldOutMean([parts[0]], workers: .one) < 1e-6)
    }

    @Test func `A bank of coordinates finds what a bank of features finds`() {
        let parts = [Self.cloud(300, seed: 10), Self.cloud(200, seed: 11)]
        var queries = Self.cloud(70, seed: 12)
        let bank = CoordinateBank(parts + [[SIMD3(.nan, 0, 0)]], workers: .one)
        let found = bank.distances(of: queries + [SIMD3(0, .infinity, 0)], workers: .one)
        for (query, distance) in zip(queries, found) {
            let least = parts.joined().map { (($0 - query) * ($0 - query)).sum().squareRoot() }.min()!
            #expect(abs(distance - least) < 1e-5)
        }
        #expect(found[70] == 0)
        #expect(CoordinateBank(parts, coreset: 60, workers: .one).index.points.count == 60)
        queries.removeAll()
        #expect(bank.reweightedMaximum(queries, []) == 0)
    }
}
