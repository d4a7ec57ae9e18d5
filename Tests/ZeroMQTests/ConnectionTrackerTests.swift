import CZeroMQ
import Testing

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(30))) struct ConnectionTrackerTests {
    private func link(
        established: Bool = true, acknowledged: UInt32 = 0, data: UInt32 = 0, unread: Bool = false, received: UInt64 = 0
    ) -> PeerLink.State {
        PeerLink.State(
            isEstablished: established, sinceAcknowledgement: acknowledged, sinceData: data, hasUnread: unread,
            received: received)
    }

    @Test func aFailedGreetingIsThatOfTheDisconnectBehindIt() {
        var tracker = ConnectionTracker(heartbeat: 1000)
        _ = tracker.opened(4, peer: "10.0.0.1:1")
        _ = tracker.opened(5, peer: "10.0.0.2:2")
        #expect(tracker.refused(.hungUp, endpoint: "tcp://*:1") == nil)
        #expect(
            tracker.disconnected(5, link: link(established: false), endpoint: "tcp://*:1")
                == ConnectionEvent(.refused(.hungUp), connection: 5, peer: "10.0.0.2:2"))
        #expect(
            tracker.disconnected(4, link: link(established: false), endpoint: "")
                == ConnectionEvent(.closed(.byPeer), connection: 4, peer: "10.0.0.1:1"))
        #expect(tracker.counts.refused == [.hungUp: 1] && tracker.counts.current == 0)
    }

    @Test func theEndOfARefusedKeyIsNotToldTwice() {
        var tracker = ConnectionTracker(heartbeat: 1000)
        _ = tracker.opened(4, peer: "a:1")
        _ = tracker.opened(5, peer: "b:2")
        tracker.message(over: 4, at: 0)
        let refusal = ConnectionRefusal.notAdmitted(status: 400)
        #expect(
            tracker.refused(refusal, endpoint: "tcp://*:1") == ConnectionEvent(.refused(refusal), peer: "tcp://*:1"))
        // Connection 4 has sent messages: it was admitted, and it is its end that is told.
        #expect(tracker.disconnected(4, link: nil, endpoint: "")?.kind == .closed(.byPeer))
        #expect(tracker.disconnected(5, link: nil, endpoint: "") == nil)
        #expect(tracker.counts.ended == [.byPeer: 1] && tracker.counts.closed == 2)
    }

    @Test func whoHungUpIsToldByTheState() {
        var tracker = ConnectionTracker(heartbeat: 1000)
        let ends: [(PeerLink.State, ConnectionEnd)] = [
            (link(established: false), .byPeer), (link(), .cutOff), (link(data: 3100), .lostLink),
            (link(established: false, acknowledged: 5000), .lostLink),
        ]
        for (state, end) in ends {
            _ = tracker.opened(4, peer: "a:1")
            #expect(tracker.disconnected(4, link: state, endpoint: "")?.kind == .closed(end))
        }
        #expect(tracker.counts.ended == [.byPeer: 1, .cutOff: 1, .lostLink: 2])
    }

    @Test func bytesWithoutAMessageAreBounded() {
        var tracker = ConnectionTracker(heartbeat: 1000, unfinishedLimit: 100)
        _ = tracker.opened(4, peer: "a:1")
        func isEndless(_ bytes: UInt64) -> Bool {
            var link = link()
            link.received = bytes
            return tracker.isEndless(4, link: link)
        }
        #expect(!isEndless(100))
        tracker.message(over: 4, at: 1)
        // What had come when the message was seen belongs to it.
        #expect(!isEndless(150) && !isEndless(250))
        #expect(isEndless(251))
        #expect(!isEndless(300), "it is told once")
        #expect(tracker.disconnected(4, link: link(), endpoint: "")?.kind == .closed(.endlessMessage))
    }

    @Test func aPeerWhoseKernelIsNotHeardOfIsSilentWithinTwoHeartbeats() {
        var tracker = ConnectionTracker(heartbeat: 1000)
        _ = tracker.opened(4, peer: "a:1")
        #expect(tracker.look(at: 4, link: link(acknowledged: 1250, data: 9000), now: 0) == nil)
        #expect(tracker.look(at: 4, link: link(acknowledged: 1751), now: 0)?.kind == .silent)
        #expect(tracker.look(at: 4, link: link(acknowledged: 2000), now: 0) == nil)
        #expect(tracker.look(at: 4, link: link(acknowledged: 10), now: 0)?.kind == .heard)
        #expect(tracker.counts.silences == 1)
    }

    @Test func aStoppedProgramIsSilentIfItUsedToAnswerAndNothingOfItWaits() {
        var tracker = ConnectionTracker(heartbeat: 1000)
        _ = tracker.opened(4, peer: "a:1")
        // Never seen to answer: an old ZeroMQ, which sends nothing between frames.
        #expect(tracker.look(at: 4, link: link(acknowledged: 100, data: 60_000), now: 60_000_000_000) == nil)
        tracker.message(over: 4, at: 60_000_000_000)
        // Data without a message for two heartbeats, and two later a few bytes more: answers.
        #expect(tracker.look(at: 4, link: link(data: 200, received: 5000), now: 62_000_000_000) == nil)
        #expect(tracker.look(at: 4, link: link(data: 200, received: 5030), now: 64_000_000_000) == nil)
        // Held back: what it sent is unread.
        #expect(tracker.look(at: 4, link: link(data: 5000, unread: true), now: 67_000_000_000) == nil)
        #expect(tracker.look(at: 4, link: link(data: 5000), now: 67_000_000_000)?.kind == .silent)
        #expect(tracker.look(at: 4, link: link(data: 0), now: 68_000_000_000)?.kind == .heard)
    }

    /// A scanner of one frame every four seconds, each of which is looked at as its bytes are there and it is not noted yet.
    @Test func aSlowScannerIsNotSilentBetweenItsFrames() {
        var tracker = ConnectionTracker(heartbeat: 1000)
        _ = tracker.opened(4, peer: "a:1")
        for frame in 1...20 as ClosedRange<UInt64> {
            let time = frame * 4_000_000_000
            let begun = link(data: 1, received: frame * 1_000_000 - 400_000)
            #expect(tracker.look(at: 4, link: begun, now: time - 1) == nil)
            tracker.message(over: 4, at: time)
            for later in [500, 1700, 2500, 3500] as [UInt32] {
                let quiet = link(acknowledged: 100, data: later, received: frame * 1_000_000)
                #expect(tracker.look(at: 4, link: quiet, now: time + UInt64(later) * 1_000_000) == nil)
            }
        }
        #expect(tracker.counts.silences == 0)
    }

    /// A frame that comes slowly has more bytes than heartbeats have.
    @Test func aFrameThatTakesLongIsNoHeartbeat() {
        var tracker = ConnectionTracker(heartbeat: 1000)
        _ = tracker.opened(4, peer: "a:1")
        tracker.message(over: 4, at: 1_000_000_000)
        for second in 4...12 as ClosedRange<UInt64> {
            let slow = link(data: 5, received: second * 100_000)
            #expect(tracker.look(at: 4, link: slow, now: second * 1_000_000_000) == nil)
        }
        tracker.message(over: 4, at: 12_500_000_000)
        #expect(tracker.look(at: 4, link: link(data: 3000, received: 1_250_000), now: 15_500_000_000) == nil)
    }

    @Test func protocolErrorsHaveNames() {
        #expect(
            ConnectionRefusal.protocolError(UInt32(bitPattern: ZMQ_PROTOCOL_ERROR_ZMTP_MALFORMED_COMMAND_HELLO))
                == .brokeProtocol("malformed HELLO"))
        #expect(ConnectionRefusal.protocolError(0x1234) == .brokeProtocol("error 1234"))
    }
}
