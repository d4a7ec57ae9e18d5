import Foundation
import FrameProtocol
import Testing
import Threads
import ZeroMQ

@testable import Ingest

@Suite(.timeLimit(.minutes(30))) struct ZeroMQFrameSourceTests {
    @Test func pushedFramesComeAsPartsAndBadOnesAreRefused() throws {
        let context = try Context()
        let source = try ZeroMQFrameSource(
            context: context, configuration: .init(mode: .bind("tcp://127.0.0.1:0")))
        #expect(source.name == "PULL \(source.endpoint)" && !source.isSimulated)
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(source.endpoint)
        // More frames than the queue and the sockets hold, while nobody takes any: PUSH waits, and none is lost.
        let messages = try (0..<100).map { number -> [[UInt8]] in
            let index = UInt32(number % 2)
            return try encoded(frame("p\(number / 2)", index, seq: UInt64(number), end: index == 1))
        }
        let sender = JoinableThread(name: "sender", owning: push) { push in
            for (index, message) in messages.enumerated() {
                #expect((try? push.send(message)) == true)
                if index == 9 { #expect((try? push.send([Array("nonsense".utf8)])) == true) }
                guard index == 19 else { continue }
                var damaged = message
                damaged[2][0] ^= 1
                #expect((try? push.send(damaged)) == true)
            }
        }
        let stream = PartStream(source: source)
        for number in 0..<50 {
            let part = try #require(stream.next())
            #expect(part.partID == "p\(number)" && !part.isPartial && !part.isSimulated)
            #expect(part.points.map(\.x) == [0, 0, 1, 1])
        }
        sender.join()
        source.stop()
        #expect(stream.next() == nil)
        let total = source.counters.total
        #expect(total.frames == 100 && total.sequence.gaps == 0 && total.sequence.repeats == 1)
        #expect(total.refused == [.tooFewParts: 1, .checksumMismatch: 1])
        #expect(source.queueStatistics.highWaterMark <= 8)
        #expect(source.connections.refusedTotal == 0)
        #expect(source.failure == nil)
    }

    /// Its points are not there because they were too many to take in: it is not told that it has too few parts.
    @Test func aMessageOverTheSocketsLimitIsRefusedAsTooLarge() throws {
        let context = try Context()
        var configuration = ZeroMQFrameSource.Configuration(mode: .bind("tcp://127.0.0.1:0"))
        configuration.options.maximumMessageSize = 2000
        configuration.limits.frameBytes = 1900
        let source = try ZeroMQFrameSource(context: context, configuration: configuration)
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(source.endpoint)
        let message = try encoded(frame(0, count: 200))
        #expect(try push.send(message) && push.send(encoded(frame(1, end: true))))
        let refused = try #require(source.next(deadline: nil).element)
        guard case .refused(let refusal) = refused.content else {
            Issue.record("was accepted")
            return
        }
        let bytes = message.reduce(0) { $0 + $1.count }
        #expect(refusal.reason == .frameTooLarge && refusal.source == "scanner-1" && refused.bytes == bytes)
        #expect(refusal.message.contains("expected at most 1900 bytes, found \(bytes), of which"))
        // The next one is a frame again.
        let next = try #require(source.next(deadline: nil).element)
        #expect(next.source == "scanner-1" && source.counters.total.frames == 1)
        source.stop()
    }

    @Test func aSubscriberTakesFramesByTheirTopic() throws {
        let context = try Context()
        let publisher = try Socket(.xpub, context: context, options: .frames)
        let endpoint = try publisher.bind("tcp://127.0.0.1:0")
        let source = try ZeroMQFrameSource(context: context, configuration: .init(mode: .connect(endpoint)))
        #expect(try publisher.receive() == [[1] + Array("pcf/1/".utf8)])
        #expect(try publisher.send([Array("other".utf8)]))
        #expect(try publisher.send(encoded(frame(0, end: true))))
        let event = try #require(source.next(deadline: nil).element)
        #expect(event.source == "scanner-1")
        source.stop()
        #expect(source.counters.total.messages == 1)
    }

    @Test(.timeLimit(.minutes(2))) func severalSocketsShareOneQueue() throws {
        let context = try Context()
        let publishers = try (0..<2).map { _ in try Socket(.xpub, context: context, options: .frames) }
        let endpoints = try publishers.map { try $0.bind("tcp://127.0.0.1:0") }
        let source = try ZeroMQFrameSource(
            context: context, configurations: endpoints.map { .init(mode: .connect($0)) })
        #expect(source.endpoint == endpoints.joined(separator: ", "))
        for publisher in publishers {
            _ = try publisher.receive()
            #expect(try publisher.send(encoded(frame(0, end: true))))
        }
        for _ in publishers { _ = try #require(source.next(deadline: nil).element) }
        #expect(source.counters.total.messages == 2)
        // The watch's threads count connections on their own; a frame may be quicker.
        while source.connections.opened < 2 { sched_yield() }
        // One that fails to open takes the others with it.
        #expect(throws: ZeroMQError.self) {
            try ZeroMQFrameSource(
                context: context, configurations: [.init(mode: .connect(endpoints[0])), .init(mode: .connect("tcp//"))])
        }
        source.stop()
        #expect(source.next(deadline: nil).element == nil)
    }

    @Test func stoppingEndsAFullQueueAndAWaitingConsumer() throws {
        let context = try Context()
        var configuration = ZeroMQFrameSource.Configuration(mode: .bind("tcp://127.0.0.1:0"))
        configuration.queueFrames = 1
        let source = try ZeroMQFrameSource(context: context, configuration: configuration)
        var options = SocketOptions.frames
        options.linger = .zero
        let push = try Socket(.push, context: context, options: options)
        try push.connect(source.endpoint)
        for index in 0..<3 { #expect(try push.send(encoded(frame(UInt32(index))))) }
        #expect(source.next(deadline: nil).element != nil)
        source.stop()
        source.stop()
        while source.next(deadline: nil).element != nil {}
        let waiting = try ZeroMQFrameSource(context: context, configuration: configuration)
        let consumer = JoinableThread(name: "consumer") { #expect(waiting.next(deadline: nil).element == nil) }
        waiting.stop()
        consumer.join()
    }

    @Test func aPortInUseIsSaidSo() throws {
        let context = try Context()
        let first = try ZeroMQFrameSource(context: context, configuration: .init(mode: .bind("tcp://127.0.0.1:0")))
        let error = #expect(throws: ZeroMQError.self) {
            _ = try ZeroMQFrameSource(context: context, configuration: .init(mode: .bind(first.endpoint)))
        }
        #expect(error?.code == .addressInUse)
        first.stop()
    }
}
