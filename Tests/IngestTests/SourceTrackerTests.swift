import Testing
import ZeroMQ

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct SourceTrackerTests {
    private let second: UInt64 = 1_000_000_000

    @Test func aSourceIsDownWithItsConnectionAndUpWithItsNextFrame() {
        var tracker = SourceTracker()
        _ = tracker.connection(ConnectionEvent(.opened, connection: 7, peer: "10.0.0.5:4000"), at: 0, unixTime: 0)
        #expect(tracker.frame(of: "a", over: 7, at: 0, unixTime: 0) == nil)
        #expect(tracker.frame(of: "b", over: 8, at: 0, unixTime: 0) == nil)
        let ended = ConnectionEvent(.closed(.byPeer), connection: 7, peer: "10.0.0.5:4000")
        #expect(
            tracker.connection(ended, at: second, unixTime: 99)
                == [
                    SourceAlert(kind: .disconnected("hung up"), source: "a", peer: "10.0.0.5:4000", unixNanoseconds: 99)
                ])
        #expect(tracker.connection(ended, at: second, unixTime: 99) == [], "told once")
        _ = tracker.connection(ConnectionEvent(.opened, connection: 9, peer: "10.0.0.5:4001"), at: 0, unixTime: 0)
        #expect(
            tracker.frame(of: "a", over: 9, at: 4 * second, unixTime: 100)
                == SourceAlert(kind: .up(after: 3 * second), source: "a", peer: "10.0.0.5:4001", unixNanoseconds: 100))
        #expect(tracker.sources["a"]?.downs == 1 && tracker.sources["a"]?.downNanoseconds == 3 * second)
        #expect(tracker.sources["b"]?.downs == 0)
    }

    @Test func aFrameThatComesAfterTheEndOfItsConnectionTellsThatItsSourceIsDown() {
        var tracker = SourceTracker()
        _ = tracker.connection(ConnectionEvent(.opened, connection: 7, peer: "x:1"), at: 0, unixTime: 0)
        _ = tracker.connection(ConnectionEvent(.closed(.byPeer), connection: 7, peer: "x:1"), at: 0, unixTime: 0)
        #expect(tracker.frame(of: "a", over: 7, at: 1, unixTime: 0)?.isDown == true)
        #expect(tracker.frame(of: "a", over: 7, at: 2, unixTime: 0) == nil, "still down, told once")
        // The descriptor's next connection is another one.
        _ = tracker.connection(ConnectionEvent(.opened, connection: 7, peer: "x:2"), at: 3, unixTime: 0)
        #expect(tracker.frame(of: "a", over: 7, at: 4, unixTime: 0)?.kind == .up(after: 3))
    }

    @Test func silenceTakesAllSourcesOfAConnectionDownAndUp() {
        var tracker = SourceTracker()
        for name in ["b", "a"] { _ = tracker.frame(of: name, over: 7, at: 0, unixTime: 0) }
        _ = tracker.frame(of: "c", over: 8, at: 0, unixTime: 0)
        let silent = tracker.connection(ConnectionEvent(.silent, connection: 7, peer: "x:1"), at: second, unixTime: 0)
        #expect(silent.map(\.source) == ["a", "b"] && silent.allSatisfy { $0.kind == .silent && $0.isDown })
        let heard = tracker.connection(ConnectionEvent(.heard, connection: 7, peer: "x:1"), at: 2 * second, unixTime: 0)
        #expect(heard.map(\.kind) == [.up(after: second), .up(after: second)])
    }

    @Test func anEndpointThatIsConnectedToIsASourceOfItsOwn() {
        let endpoint = "tcp://10.0.0.5:7000"
        var tracker = SourceTracker(endpoint: endpoint)
        let retried = ConnectionEvent(.retried, peer: endpoint)
        #expect(tracker.connection(retried, at: 0, unixTime: 0).map(\.kind) == [.unreachable])
        #expect(tracker.connection(retried, at: 1, unixTime: 0) == [])
        let greeted = ConnectionEvent(.greeted, peer: endpoint)
        #expect(tracker.connection(greeted, at: second, unixTime: 0).map(\.source) == [endpoint])
        _ = tracker.frame(of: "a", over: 7, at: second, unixTime: 0)
        let lost = ConnectionEvent(.closed(.lostLink), connection: 7, peer: "10.0.0.5:7000")
        #expect(tracker.connection(lost, at: 2 * second, unixTime: 0).map(\.source) == [endpoint, "a"])
    }

    @Test func namesAreBounded() {
        var tracker = SourceTracker(maximumSources: 2)
        for name in ["a", "b", "c"] { _ = tracker.frame(of: name, over: 1, at: 0, unixTime: 0) }
        #expect(tracker.sources.keys.sorted() == ["a", "b"])
        // One that is down makes room for one that speaks.
        _ = tracker.connection(ConnectionEvent(.closed(.byPeer), connection: 1, peer: "p"), at: 5, unixTime: 5)
        _ = tracker.frame(of: "b", over: 2, at: 6, unixTime: 6)
        _ = tracker.frame(of: "c", over: 2, at: 7, unixTime: 7)
        #expect(tracker.sources.keys.sorted() == ["b", "c"])
    }
}
