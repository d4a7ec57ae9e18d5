import Foundation
import IMRNet
import Inspection
import Testing

@testable import Evaluation

@Suite struct SweepTests {
    @Test func `Every step changes its setting alone, beside the channels`() throws {
        for sweep in Sweep.allCases {
            var seen: Set<String> = []
            for step in sweep.steps {
                var settings = ScoringSettings.paper
                step.apply(to: &settings)
                #expect(settings.channels == [.reconstruction, .feature])
                let text = String(describing: settings)
                #expect(seen.insert(text).inserted, "\(sweep) \(step.name) changes nothing")
                settings.centers = .geometryAware
                (settings.maskRatio, settings.iterations, settings.patchSize) = (0.4, 3, 64)
                #expect(settings == .paper)
            }
            // The setting as it ships is among them, and is the paper's best.
            let best = try #require(sweep.steps.first { $0.isPublishedBest })
            var settings = ScoringSettings.paper
            best.apply(to: &settings)
            #expect(settings == .paper && best.published?.part == 0.66)
        }
    }

    @Test func `Its table stands beside the paper's`() throws {
        let sweep = Sweep.sampling
        let results = sweep.steps.map { step in
            var row = ClassResult.Row(name: sweep.label(step), threshold: nil, metrics: [:], replicates: [:])
            row.set(.partAUROC, 0.625, [0.6, 0.65])
            return ClassResult(
                partClass: "cup0", method: "scanward \(sweep.label(step))", seed: 1, rows: [row], parts: [])
        }
        let table = sweep.markdown(EvaluationSummary(results))
        #expect(table.contains("0.625 ±0.025") && table.contains("geometry-aware (the paper's best)"))
        #expect(table.contains("0.55 |") && table.contains("0.61 |"))
    }

    @Test func `Settings from before centres could be chosen are geometry-aware`() throws {
        var fields = try #require(
            try JSONSerialization.jsonObject(with: JSONEncoder().encode(ScoringSettings())) as? [String: Any])
        #expect(fields.removeValue(forKey: "centers") as? String == "geometry-aware")
        let old = try JSONDecoder().decode(ScoringSettings.self, from: JSONSerialization.data(withJSONObject: fields))
        #expect(old == ScoringSettings())
    }
}
