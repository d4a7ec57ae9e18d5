import Foundation
import Synchronization
import Threads

/// The heat maps of failed parts, drawn on a thread of their own beside the line. A verdict never waits for its picture.
///
/// As many as find room wait to be drawn. Of a scanner's parts those that find none are dropped at once, and their verdicts
/// name no picture; a recording is played no faster than its pictures are drawn, each verdict going out before its own.
/// What is dropped is counted.
final class HeatMapDrawing: Sendable {
    /// Pictures that wait to be drawn.
    let queue: BoundedQueue<PartJudge.Judgement>
    private let folder: URL
    private let sender: PatientSender<PartJudge.Judgement>
    /// How long a recording waits for one picture to be drawn before it goes on without; nil for what a scanner sends.
    private let patience: Duration?
    private let isDrawing = Atomic(true)
    /// Raised when the last picture is drawn.
    private let haveDrawn = StopSignal()

    /// - Parameters:
    ///   - capacity: of the queue, pictures.
    ///   - waits: whether parts may wait for pictures, as those of a recording.
    init(folder: URL, capacity: Int = LineConfiguration.queuedPictures, waits: Bool) {
        self.folder = folder
        let queue = BoundedQueue<PartJudge.Judgement>(
            capacity: capacity, costLimit: LineConfiguration.queuedPictureBytes,
            cost: { ($0.map?.points.count ?? 0) * 40 })
        self.queue = queue
        sender = PatientSender(queue)
        patience = waits ? LineConfiguration.picturePatience : nil
    }

    /// Pictures dropped so far.
    var dropped: Int { sender.dropped }

    /// Delivers a verdict, and hands its part over to be drawn.
    ///
    /// - Parameters:
    ///   - progress: of the thread that hands it over.
    ///   - deliver: takes the verdict; its `heatmapURI` says whether there will be a picture.
    func handOver(
        _ judgement: PartJudge.Judgement, noting progress: ThreadProgress,
        deliver: (PartJudge.Judgement) -> Void
    ) {
        var judgement = judgement
        guard isDrawing.load(ordering: .relaxed), let address = HeatMapWriter.address(of: judgement, in: folder) else {
            return deliver(judgement)
        }
        judgement.verdict.heatmapURI = address
        if let patience {
            deliver(judgement)
            _ = isTaken(judgement, within: patience, noting: progress)
        } else {
            if !isTaken(judgement, within: .zero, noting: progress) { judgement.verdict.heatmapURI = nil }
            deliver(judgement)
        }
    }

    private func isTaken(
        _ judgement: PartJudge.Judgement, within patience: Duration, noting progress: ThreadProgress
    ) -> Bool {
        let admission = sender.send(judgement, patience: patience, noting: progress)
        if admission == .dropped(isNews: true) {
            Terminal.error("scanward: drawing is behind: heat maps are dropped until it goes on, verdicts are not")
        }
        return admission == .taken
    }

    // MARK: Drawing

    /// Draws on a thread of its own until `finish`.
    ///
    /// - Parameter drawn: is told of the page of all pictures, where there is one.
    func start(with writer: HeatMapWriter, drawn: @escaping @Sendable (_ page: String?) -> Void) {
        let writer = Confined(value: writer)
        _ = JoinableThread(name: "pictures") { [self] in
            draw(with: writer.value, drawn)
            haveDrawn.raise()
        }
    }

    private func draw(with writer: HeatMapWriter, _ drawn: (_ page: String?) -> Void) {
        do {
            while case .element(let judgement) = queue.receive() { try writer.write(judgement) }
            drawn(try writer.finish())
        } catch {
            // The line goes on without pictures; nobody waits for a queue that is not emptied.
            isDrawing.store(false, ordering: .relaxed)
            queue.close(discarding: true)
            Terminal.error("scanward: \(error); no further heat maps are written")
        }
    }

    /// Until the last picture is drawn, or drawing has stood still for too long.
    func finish() {
        queue.close()
        var waiting = queue.statistics.depth
        while !haveDrawn.wait(until: SystemClock().after(LineConfiguration.picturePatience)) {
            let depth = queue.statistics.depth
            guard depth < waiting else {
                Terminal.error("scanward: heat maps cannot be written, and \(depth + 1) are given up: see their folder")
                return
            }
            waiting = depth
        }
    }
}

/// A value that is handed to one thread, and used by that one only.
private struct Confined<Value>: @unchecked Sendable {
    let value: Value
}
