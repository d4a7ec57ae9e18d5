import Synchronization
import Threads

/// Writes lines to standard output from a thread of its own, so that a terminal that stands still (Ctrl-S, a pager) holds up
/// no verdict: beyond `capacity` lines those that find no room are left out, and counted.
///
/// Programs that read every verdict from standard output (`--json`) are not left out: there the line waits for them.
final class LinePrinter: Sendable {
    static let capacity = 4096

    private let lines = BoundedQueue<String>(capacity: capacity)
    private let waits: Bool
    private let leftOut = Atomic(0)
    private let thread: JoinableThread

    /// - Parameters:
    ///   - waits: whether a full queue makes its producers wait.
    ///   - write: writes one line.
    init(waits: Bool, write: @escaping @Sendable (String) -> Void = Terminal.output) {
        self.waits = waits
        thread = JoinableThread(name: "printer") { [lines] in
            while case .element(let line) = lines.receive() { write(line) }
        }
    }

    /// Lines left out so far.
    var leftOutCount: Int { leftOut.load(ordering: .relaxed) }

    func print(_ line: String) {
        let admission = waits ? lines.send(line) : lines.send(line, deadline: 0)
        if admission == .timedOut { leftOut.add(1, ordering: .relaxed) }
    }

    /// Ends once all lines that were taken are written.
    func close() {
        lines.close()
        thread.join()
    }
}
