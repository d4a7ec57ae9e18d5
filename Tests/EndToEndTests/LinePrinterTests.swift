import Synchronization
import Testing
import Threads

@testable import scanward

/// Standard output that stands still holds up no verdict.
@Suite struct LinePrinterTests {
    @Test func aTerminalThatStandsStillHoldsUpNobody() {
        let gate = StopSignal(), written = Mutex<[String]>([])
        let printer = LinePrinter(waits: false) { line in
            _ = gate.wait(until: nil)
            written.withLock { $0.append(line) }
        }
        // One is perhaps being written; as many as fit wait; the rest is left out, and the caller goes on.
        let count = LinePrinter.capacity + 100
        for number in 0..<count { printer.print("\(number)") }
        let leftOut = printer.leftOutCount
        #expect(leftOut == 99 || leftOut == 100)
        gate.raise()
        printer.close()
        // In their order; one of the last finds room where the printer took its first in the meantime.
        let numbers = written.withLock { $0.compactMap { Int($0) } }
        #expect(numbers.count == count - leftOut && numbers == numbers.sorted())
        #expect(Array(numbers.prefix(LinePrinter.capacity)) == Array(0..<LinePrinter.capacity))
    }

    @Test func aProgramThatReadsEveryVerdictIsWaitedFor() {
        let written = Mutex(0)
        let printer = LinePrinter(waits: true) { _ in written.withLock { $0 += 1 } }
        for number in 0..<3 * LinePrinter.capacity { printer.print("\(number)") }
        printer.close()
        #expect(printer.leftOutCount == 0)
        #expect(written.withLock { $0 } == 3 * LinePrinter.capacity)
    }
}
