import Synchronization
import Testing
import Threads

@Suite struct BoundedQueueTests {
    @Test func elementsComeOutInOrderAndNoMoreThanTheCapacityAreIn() {
        let queue = BoundedQueue<Int>(capacity: 3)
        let producer = JoinableThread(name: "producer") {
            for number in 0..<10_000 { #expect(queue.send(number) == .accepted) }
            queue.close()
        }
        var received: [Int] = []
        while let number = queue.receive().element { received.append(number) }
        producer.join()
        #expect(received == Array(0..<10_000))
        let statistics = queue.statistics
        #expect(statistics.highWaterMark <= 3)
        #expect(statistics.sent == 10_000 && statistics.received == 10_000 && statistics.depth == 0)
    }

    @Test func severalProducersAndConsumersLoseNothing() {
        let queue = BoundedQueue<Int>(capacity: 2)
        let sums = Mutex((count: 0, sum: 0))
        let producers = (0..<3).map { producer in
            JoinableThread(name: "producer") {
                for number in 0..<1000 { queue.send(producer * 1000 + number) }
            }
        }
        let consumers = (0..<3).map { _ in
            JoinableThread(name: "consumer") {
                while let number = queue.receive().element {
                    sums.withLock { sums in
                        sums.count += 1
                        sums.sum += number
                    }
                }
            }
        }
        for producer in producers { producer.join() }
        queue.close()
        for consumer in consumers { consumer.join() }
        #expect(sums.withLock { $0.count } == 3000)
        #expect(sums.withLock { $0.sum } == (0..<3000).reduce(0, +))
    }

    @Test func aFullQueueTimesOutAndCountsTheWait() {
        let queue = BoundedQueue<Int>(capacity: 1)
        #expect(queue.send(1, deadline: 0) == .accepted)
        #expect(queue.send(2, deadline: 0) == .timedOut)
        #expect(queue.receive(deadline: 0) == .element(1))
        #expect(queue.receive(deadline: 0) == .timedOut)
        #expect(queue.statistics.sendWaits == 1)
        #expect(queue.statistics.receiveWaits == 1)
    }

    @Test func aClosedQueueGivesWhatIsLeft() {
        let queue = BoundedQueue<Int>(capacity: 4)
        queue.send(1)
        queue.send(2)
        queue.close()
        #expect(queue.send(3) == .closed)
        #expect(queue.receive() == .element(1))
        #expect(queue.receive() == .element(2))
        #expect(queue.receive() == .closed)
    }

    @Test func closingCanDiscardAndWakesWhoWaits() {
        let queue = BoundedQueue<Int>(capacity: 1)
        queue.send(1)
        let waiting = JoinableThread(name: "producer") { #expect(queue.send(2) == .closed) }
        queue.close(discarding: true)
        waiting.join()
        #expect(queue.receive() == .closed)
        #expect(queue.statistics.discarded == 1)
    }

    @Test func costBoundsTheQueueButLetsOneLargeElementThrough() {
        let queue = BoundedQueue<Int>(capacity: 10, costLimit: 100, cost: { $0 })
        #expect(queue.send(500, deadline: 0) == .accepted)
        #expect(queue.send(1, deadline: 0) == .timedOut)
        #expect(queue.receive(deadline: 0) == .element(500))
        #expect(queue.send(60, deadline: 0) == .accepted)
        #expect(queue.send(41, deadline: 0) == .timedOut)
        #expect(queue.send(40, deadline: 0) == .accepted)
        #expect(queue.statistics.cost == 100)
    }
}

@Suite struct ClockTests {
    @Test func aRaisedSignalEndsEveryWait() {
        let signal = StopSignal()
        #expect(!signal.wait(until: 0))
        let raiser = JoinableThread(name: "raiser") { signal.raise() }
        #expect(signal.wait(until: nil))
        raiser.join()
        #expect(!SystemClock().wait(until: .max, unless: signal))
    }

    @Test func theManualClockGoesWhereItIsToldTo() {
        let clock = ManualClock(now: 5)
        let signal = StopSignal()
        clock.advance(by: .nanoseconds(10))
        #expect(clock.now == 15)
        #expect(clock.wait(until: 100, unless: signal))
        #expect(clock.wait(until: 50, unless: signal))
        #expect(clock.now == 100)
        #expect(clock.waits == [100, 50])
        #expect(clock.after(.seconds(1)) == 1_000_000_100)
    }

    @Test func durationsAreClamped() {
        #expect(Duration.milliseconds(1).clampedNanoseconds == 1_000_000)
        #expect(Duration.seconds(-1).clampedNanoseconds == 0)
        #expect(Duration.seconds(1 << 60).clampedNanoseconds == .max)
    }
}
