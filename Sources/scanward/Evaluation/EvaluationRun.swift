import Evaluation
import Foundation
import Inspection
import ParallelLoops
import Synchronization

/// Teaches each class, scores its test parts, and keeps the results.
struct EvaluationRun {
    let files: DatasetFiles
    let classes: [DatasetLayout.PartClass]
    let methods: [any DetectionMethod]
    let seeds: [UInt64]
    let workers: Workers
    let folder: ResultFolder
    let predictions: URL?
    let interrupt: InterruptWatch

    struct Outcome {
        var results: [ClassResult] = []
        var notes: [String] = []
        var reused = 0
    }

    func run() throws -> Outcome {
        var outcome = Outcome(notes: files.notes.filter(isWanted))
        let program = ResultFolder.programDigest()
        let display = EvaluationDisplay(total: classes.count * methods.count * seeds.count)
        for partClass in classes {
            let data: String
            do {
                data = try files.digest(partClass)
            } catch {
                outcome.notes.append("class \(partClass.name) is left out: \(error)")
                display.skip(methods.count * seeds.count, "\(partClass.name): left out: \(error)")
                continue
            }
            for method in methods {
                for seed in seeds {
                    let key = sha256(Array("\(program)\n\(method.fingerprint)\n\(data)\n\(seed)".utf8))
                    let writer = predictions.map { root in
                        PredictionFiles(folder: seeds.count == 1 ? root : root.appending(path: "seed-\(seed)"))
                    }
                    if let stored = folder.load(method.name, partClass.name, seed, key: key),
                        writer?.hold(stored) ?? true
                    {
                        outcome.results.append(stored)
                        outcome.reused += 1
                        display.skip(1, nil)
                        continue
                    }
                    do {
                        var result = try evaluate(partClass, method, seed, writer, display)
                        result.key = key
                        try folder.save(result)
                        outcome.results.append(result)
                    } catch let failure as Failure {
                        throw failure
                    } catch {
                        let sentence = "class \(partClass.name), \(method.name), seed \(seed) is left out: \(error)"
                        outcome.notes.append(sentence)
                        display.skip(1, sentence)
                    }
                }
            }
        }
        display.end()
        if let predictions {
            for seed in seeds {
                let root = seeds.count == 1 ? predictions : predictions.appending(path: "seed-\(seed)")
                try PredictionFiles(folder: root).writeScores(outcome.results.filter { $0.seed == seed })
            }
        }
        return outcome
    }

    /// Notes on classes that are not evaluated are nobody's business.
    private func isWanted(_ note: String) -> Bool {
        guard classes.count < files.layout.classes.count else { return true }
        return classes.contains { note.contains($0.name) }
    }

    private func evaluate(
        _ partClass: DatasetLayout.PartClass, _ method: any DetectionMethod, _ seed: UInt64, _ writer: PredictionFiles?,
        _ display: EvaluationDisplay
    ) throws -> ClassResult {
        var notes: [String] = [], clouds: [[SIMD3<Float>]] = []
        for path in partClass.training {
            do {
                clouds.append(try files.cloud(path).points)
            } catch {
                notes.append("\(partClass.name): a training part is left out: \(error)")
            }
        }
        let start = ContinuousClock.now
        display.begin("\(partClass.name)\(methods.count > 1 ? " \(method.name)" : ""), seed \(seed)")
        let detector = try method.taught(
            partClass.name, from: clouds, seed: seed, workers: workers,
            progress: {
                display.taught($0)
                return !interrupt.wasPressed
            })
        guard !interrupt.wasPressed else { throw stopped }
        let teaching = (ContinuousClock.now - start) / .seconds(1)
        display.beginScoring(partClass.test.count)

        let asked = interrupt.question, files = files
        let scored = Mutex<[Result<ClassEvaluation.Part, any Error>?]>(
            [Result<ClassEvaluation.Part, any Error>?](repeating: nil, count: partClass.test.count))
        let odd = Mutex<[String]>([])
        workers.run(chunks: partClass.test.count) { number in
            guard !asked() else { return }
            let sample = partClass.test[number]
            let part = Result {
                try Self.score(sample, partClass.name, detector, files, writer) { note in
                    odd.withLock { $0.append(note) }
                }
            }
            scored.withLock { $0[number] = part }
            display.scored()
        }
        guard !interrupt.wasPressed else { throw stopped }
        var parts: [ClassEvaluation.Part] = []
        for (sample, part) in zip(partClass.test, scored.withLock({ $0 })) {
            switch part {
            case .success(let part): parts.append(part)
            case .failure(let error as CannotWrite): throw Failure(error.description)
            case .failure(let error): notes.append("\(sample.path) is left out: \(error)")
            case nil: throw stopped
            }
        }
        var result = ClassEvaluation.result(
            partClass: partClass.name, method: method.name, seed: seed, rows: detector.rows, parts: parts,
            workers: workers)
        result.notes = notes + odd.withLock { $0.sorted() }
        result.teachingSeconds = teaching
        result.partsAtOnce = min(workers.count, partClass.test.count)
        display.finish(teaching: teaching, parts: parts.count)
        return result
    }

    /// Scores one part on the calling thread.
    private static func score(
        _ sample: DatasetLayout.TestSample, _ partClass: String, _ detector: any TaughtDetector, _ files: DatasetFiles,
        _ writer: PredictionFiles?, note: (String) -> Void
    ) throws -> ClassEvaluation.Part {
        let cloud = try files.cloud(sample.path)
        var truth: GroundTruth?
        do {
            truth = try files.truth(of: sample, cloud)
        } catch {
            note("\(error)")
        }
        let detection = detector.score(cloud.points)
        var part = ClassEvaluation.Part(
            sample: sample, cloud: cloud.points, detection: detection, rows: detector.rows, truth: truth,
            defect: files.defect(of: sample, in: partClass, cloud))
        guard let writer else { return part }
        for (number, row) in detector.rows.enumerated() {
            let bytes = PredictionFiles.npy(part.pointScores(number))
            do {
                try writer.write(bytes, row: row, partClass: partClass, sample: sample.name)
            } catch {
                throw CannotWrite(description: "\(error)")
            }
            part.record.predictions[row] = sha256(bytes)
        }
        return part
    }

    private var stopped: Failure {
        Failure("stopped: finished classes are kept in \(folder.url.path); the same command goes on from there")
    }

    /// Unlike a file that cannot be read, this ends the run.
    private struct CannotWrite: Error, CustomStringConvertible { var description: String }
}
