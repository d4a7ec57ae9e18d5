import Testing
import Threads
import ZeroMQ

@testable import Publishing

@Suite struct VerdictPublisherTests {
    private let station = VerdictTopic.Station(line: "line-1", station: "st-1")

    private func configuration(_ endpoint: String = "tcp://127.0.0.1:0") -> VerdictPublisher.Configuration {
        var configuration = VerdictPublisher.Configuration(
            endpoint: endpoint, line: "line-1", station: "st-1", epoch: "e1")
        // Often, so that a subscriber soon hears that it is connected; nothing is held to this time.
        configuration.heartbeatInterval = .milliseconds(5)
        return configuration
    }

    private func verdict(_ seq: UInt64) -> [UInt8] { Array(#"{"epoch":"e1","seq":\#(seq)}"#.utf8) }

    /// A subscriber that has heard a heartbeat: from here on it misses nothing.
    private func connected(
        _ context: Context, to publisher: VerdictPublisher,
        _ change: (inout VerdictSubscriber.Configuration) -> Void = { _ in }
    ) throws -> VerdictSubscriber {
        var configuration = VerdictSubscriber.Configuration(endpoint: publisher.endpoint)
        configuration.staleAfter = .seconds(3600)
        change(&configuration)
        let subscriber = try VerdictSubscriber(context: context, configuration: configuration)
        guard case .heartbeat = try subscriber.next() else {
            Issue.record("expected a heartbeat first")
            return subscriber
        }
        return subscriber
    }

    /// The next event that is no heartbeat.
    private func nextVerdict(_ subscriber: VerdictSubscriber) throws -> VerdictEvent? {
        while let event = try subscriber.next() {
            if case .heartbeat = event { continue }
            return event
        }
        return nil
    }

    @Test func verdictsComeInOrderAndHeartbeatsCarryTheHead() throws {
        let context = try Context()
        let publisher = try VerdictPublisher(context: context, configuration: configuration())
        let subscriber = try connected(context, to: publisher)
        for seq in 1...100 as ClosedRange<UInt64> {
            #expect(try publisher.publish(seq: seq, evaluation: seq == 7 ? "not_ok" : "ok", json: verdict(seq)))
        }
        for seq in 1...100 as ClosedRange<UInt64> {
            let expected = VerdictEvent.Received(
                station: station, evaluation: seq == 7 ? "not_ok" : "ok", epoch: "e1", seq: seq, isRepeat: false,
                json: verdict(seq))
            #expect(try nextVerdict(subscriber) == .verdict(expected))
        }
        // The last heartbeat is sent by stop(), with the head.
        publisher.stop()
        var last: VerdictEvent.Heartbeat?
        while last?.seq != 100 {
            if case .heartbeat(let heartbeat)? = try subscriber.next() { last = heartbeat }
        }
        #expect(last?.epoch == "e1" && last?.station == station)
        #expect(publisher.statistics.verdicts == 100 && publisher.statistics.failure == nil)
        #expect(try !publisher.publish(seq: 101, evaluation: "ok", json: verdict(101)))
    }

    @Test func aSubscriptionMayBeToOneEvaluation() throws {
        let context = try Context()
        let publisher = try VerdictPublisher(context: context, configuration: configuration())
        let subscriber = try connected(context, to: publisher) {
            $0.line = "line-1"
            $0.station = "st-1"
            $0.evaluation = "not_ok"
        }
        try publisher.publish(seq: 1, evaluation: "ok", json: verdict(1))
        try publisher.publish(seq: 2, evaluation: "not_ok", json: verdict(2))
        guard case .verdict(let received)? = try nextVerdict(subscriber) else {
            Issue.record("expected a verdict, and no gap")
            return
        }
        #expect(received.seq == 2 && received.evaluation == "not_ok")
        publisher.stop()
    }

    @Test func theMessageIsOnePartThatBeginsWithItsTopic() throws {
        let context = try Context()
        let publisher = try VerdictPublisher(context: context, configuration: configuration())
        let socket = try Socket(.sub, context: context, options: .verdicts)
        try socket.subscribe("")
        try socket.connect(publisher.endpoint)
        let beat = try #require(try socket.receive()?.first)
        #expect(beat.starts(with: Array(#"heartbeat/1/line-1/st-1 {"epoch":"e1","seq":0,"t_ns":"#.utf8)))
        try publisher.publish(seq: 1, evaluation: "not_decidable", json: Array("{}".utf8))
        var message = beat
        while message.starts(with: Array("heartbeat".utf8)) { message = try #require(try socket.receive()?.first) }
        #expect(message == Array("verdict/1/line-1/st-1/not_decidable {}".utf8))
        publisher.stop()
    }

    @Test func namesThatWouldBreakATopicAreRefused() throws {
        let context = try Context()
        for name in ["", "a b", "a/b", "ä", String(repeating: "x", count: 65)] {
            var configuration = configuration()
            configuration.station = name
            let error = #expect(throws: PublishingError.self) {
                _ = try VerdictPublisher(context: context, configuration: configuration)
            }
            #expect(error?.code == .invalidName)
        }
        let publisher = try VerdictPublisher(context: context, configuration: configuration())
        #expect(throws: PublishingError.self) { try publisher.publish(seq: 1, evaluation: "not ok", json: []) }
        publisher.stop()
    }

    @Test func aPortInUseIsSaidSo() throws {
        let context = try Context()
        let first = try VerdictPublisher(context: context, configuration: configuration())
        let error = #expect(throws: PublishingError.self) {
            _ = try VerdictPublisher(context: context, configuration: configuration(first.endpoint))
        }
        #expect(error?.code == .socket(.addressInUse))
        first.stop()
    }

    @Test func waitingEndsAtTheDeadlineAndAtTheSignal() throws {
        let context = try Context()
        let subscriber = try VerdictSubscriber(context: context, configuration: .init(endpoint: "tcp://127.0.0.1:1"))
        #expect(try subscriber.next(deadline: 0) == nil)
        let stop = StopSignal()
        stop.raise()
        #expect(try subscriber.next(unless: stop) == nil)
    }
}
