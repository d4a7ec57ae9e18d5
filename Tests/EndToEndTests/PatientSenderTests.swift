import Testing
import Threads

@testable import scanward

@Suite struct PatientSenderTests {
    @Test func whatNobodyTakesIsDroppedAndCounted() {
        let queue = BoundedQueue<Int>(capacity: 1), progress = ThreadProgress("test")
        let sender = PatientSender(queue)
        func send(_ element: Int, _ patience: Duration = .milliseconds(1)) -> PatientSender<Int>.Admission {
            sender.send(element, patience: patience, noting: progress)
        }
        #expect(send(1) == .taken)
        #expect(send(2) == .dropped(isNews: true))
        // At once: this would wait for an hour.
        #expect(send(3, .seconds(3600)) == .dropped(isNews: false))
        #expect(sender.dropped == 2)
        guard case .element(1) = queue.receive(deadline: 0) else {
            Issue.record("1 was taken, and waits")
            return
        }
        #expect(send(4) == .taken)
        #expect(send(5) == .dropped(isNews: true))
        queue.close()
        #expect(send(6) == .closed)
        #expect(sender.dropped == 3)
    }
}
