import Fleet
import SeededRandom
import Testing

struct OutboxTests {
    private let second: UInt64 = 1_000_000_000

    private func outbox(bytes: Int = 1000, window: Int = 2) -> Outbox {
        Outbox(.init(bytes: bytes, window: window, look: 30 * second, retry: second, rounds: 3))
    }

    @Test func theOldestGoesFirstAndOnlySoManyAtOnce() {
        var outbox = outbox()
        for (index, id) in ["a", "b", "c"].enumerated() {
            let answer1 = outbox.admit(id, bytes: 100, now: UInt64(index), deadline: 100 * second)
            #expect(answer1)
        }
        #expect(outbox.next(now: 5, isConnected: false) == nil)
        #expect(outbox.next(now: 5, isConnected: true) == .send("a", round: 1))
        outbox.noteSent("a", sequence: 11, now: 5)
        #expect(outbox.next(now: 5, isConnected: true) == .send("b", round: 1))
        outbox.noteSent("b", sequence: 12, now: 6)
        // The window is full: the third waits for a verdict, and no time makes a difference.
        #expect(outbox.next(now: 6, isConnected: true) == nil)
        #expect(outbox.wake(isConnected: true) == 30 * second + 5)
        let answer2 = outbox.beginSettling("a")
        #expect(answer2)
        let answer3 = outbox.beginSettling("a")
        #expect(!answer3)
        outbox.settle("a")
        #expect(outbox.next(now: 6, isConnected: true) == .send("c", round: 1))
        #expect(outbox.bytes == 200)
        #expect(outbox.oldest == 1)
    }

    @Test func itHoldsNoMoreThanItsBytes() {
        var outbox = outbox(bytes: 250)
        let answer4 = outbox.admit("a", bytes: 100, now: 0, deadline: second)
        #expect(answer4)
        let answer5 = outbox.admit("a", bytes: 10, now: 0, deadline: second)
        #expect(!answer5)
        let answer6 = outbox.admit("b", bytes: 150, now: 0, deadline: second)
        #expect(answer6)
        let answer7 = outbox.admit("c", bytes: 1, now: 0, deadline: second)
        #expect(!answer7)
        outbox.settle("a")
        let answer8 = outbox.admit("c", bytes: 100, now: 0, deadline: second)
        #expect(answer8)
        outbox.settle("b")
        outbox.settle("c")
        // One that is larger than all that is allowed, where nothing else is.
        let answer9 = outbox.admit("d", bytes: 10_000, now: 0, deadline: second)
        #expect(answer9)
        let answer10 = outbox.admit("e", bytes: 1, now: 0, deadline: second)
        #expect(!answer10)
    }

    @Test func aFailedSendIsTriedAgainLater() {
        var outbox = outbox()
        _ = outbox.admit("a", bytes: 1, now: 0, deadline: 100 * second)
        outbox.noteFailed("a", now: 0)
        #expect(outbox.next(now: second - 1, isConnected: true) == nil)
        #expect(outbox.wake(isConnected: true) == second)
        #expect(outbox.next(now: second, isConnected: true) == .send("a", round: 1))
    }

    @Test func whatTheServerLostIsSentAnew() {
        var outbox = outbox()
        _ = outbox.admit("a", bytes: 1, now: 0, deadline: 1000 * second)
        outbox.noteSent("a", sequence: 7, now: 0)
        #expect(outbox.next(now: 30 * second - 1, isConnected: true) == nil)
        #expect(outbox.next(now: 30 * second, isConnected: true) == .look("a", sequence: 7))
        outbox.noteFound("a", now: 30 * second)
        #expect(outbox.next(now: 31 * second, isConnected: true) == nil)
        let answer11 = outbox.noteReturned("a", now: 60 * second)
        #expect(answer11 == .sentAgain)
        #expect(outbox.next(now: 61 * second, isConnected: true) == .send("a", round: 2))
        outbox.noteSent("a", sequence: 8, now: 61 * second)
        let answer12 = outbox.noteReturned("a", now: 62 * second)
        #expect(answer12 == .sentAgain)
        let answer13 = outbox.noteReturned("a", now: 63 * second)
        #expect(answer13 == .exhausted(rounds: 3))
        let answer14 = outbox.noteReturned("b", now: 63 * second)
        #expect(answer14 == .unknown)
    }

    @Test func aDeadlinePassesWhetherConnectedOrNot() {
        var outbox = outbox()
        _ = outbox.admit("a", bytes: 1, now: 0, deadline: 10 * second)
        #expect(outbox.wake(isConnected: false) == 10 * second)
        #expect(outbox.next(now: 10 * second, isConnected: false) == .expire("a"))
        let answer15 = outbox.beginSettling("a")
        #expect(answer15)
        #expect(outbox.next(now: 10 * second, isConnected: true) == nil)
        #expect(outbox.wake(isConnected: true) == nil)
    }

    /// Whatever is lost, comes twice or comes late: each part is settled once, and every one of them is.
    @Test(arguments: 1...20 as ClosedRange<UInt64>) func eachPartIsSettledOnce(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var outbox = Outbox(.init(bytes: 5_000, window: 4, look: 3 * second, retry: second, rounds: 1_000))
        var now: UInt64 = 0, settled: [String: Int] = [:], server: [String] = [], answers: [String] = []
        var next = 0, sequence: UInt64 = 0
        while settled.count < 60, now < 100_000 * second {
            now += second / 2
            if next < 60, outbox.admit("p\(next)", bytes: 500, now: now, deadline: .max) { next += 1 }
            let isConnected = random.next() % 4 != 0
            switch outbox.next(now: now, isConnected: isConnected) {
            case .send(let id, _):
                sequence += 1
                switch random.next() % 4 {
                case 0: outbox.noteFailed(id, now: now)
                // Acknowledged, and lost.
                case 1: outbox.noteSent(id, sequence: sequence, now: now)
                default:
                    server.append(id)
                    outbox.noteSent(id, sequence: sequence, now: now)
                }
            case .look(let id, _):
                if server.contains(id) {
                    outbox.noteFound(id, now: now)
                } else {
                    let answer16 = outbox.noteReturned(id, now: now)
                    #expect(answer16 != .unknown)
                }
            case .expire(let id): Issue.record("\(id) has no deadline")
            case nil: break
            }
            if let id = server.first, random.next() % 3 == 0 {
                answers.append(id)
                if random.next() % 4 != 0 { server.removeFirst() }
            }
            if let id = answers.first {
                answers.removeFirst()
                if outbox.beginSettling(id) {
                    settled[id, default: 0] += 1
                    outbox.settle(id)
                }
            }
            #expect(outbox.bytes <= 5_000 && outbox.sentCount <= 4)
        }
        #expect(settled.count == 60 && settled.values.allSatisfy { $0 == 1 })
        #expect(outbox.count == 0 && outbox.bytes == 0)
    }
}
