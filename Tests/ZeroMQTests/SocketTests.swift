import Testing
import Threads

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(30))) struct SocketTests {
    @Test func pushReachesPullWithAllPartsInOrder() throws {
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        #expect(endpoint.hasPrefix("tcp://127.0.0.1:") && !endpoint.hasSuffix(":0"))
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(endpoint)
        // More messages than both high-water marks hold: none may be lost.
        let sender = JoinableThread(name: "sender", owning: push) { push in
            for index in 0..<100 {
                let sent = try? push.send([Array("topic".utf8), [UInt8(index)], []])
                #expect(sent == true)
            }
        }
        for index in 0..<100 {
            #expect(try pull.receive() == [Array("topic".utf8), [UInt8(index)], []])
        }
        sender.join()
    }

    @Test func aLargePartComesWhole() throws {
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(endpoint)
        let part = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        #expect(try push.send([part]))
        #expect(try pull.receive() == [part])
    }

    @Test func aPushWithoutPeerWaitsForTheDeadline() throws {
        let context = try Context()
        var options = SocketOptions.frames
        options.linger = .zero
        let push = try Socket(.push, context: context, options: options)
        try push.connect("tcp://127.0.0.1:1")
        #expect(try !push.send([[1]], deadline: SystemClock().after(.milliseconds(5))))
        #expect(try !push.send([[1]], deadline: 0))
    }

    @Test func aReceiveEndsAtTheDeadlineAndAtTheSignal() throws {
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        _ = try pull.bind("tcp://127.0.0.1:0")
        #expect(try pull.receive(deadline: 0) == nil)
        let stop = StopSignal()
        // Waits for ever unless the signal, raised before or after the wait begins, ends it.
        let raiser = JoinableThread(name: "raiser") { stop.raise() }
        #expect(try pull.receive(unless: stop) == nil)
        raiser.join()
        #expect(try pull.receive(unless: stop) == nil)
    }

    @Test func whatIsOverTheLimitsIsDiscardedAndCounted() throws {
        let context = try Context()
        var options = SocketOptions.frames
        options.maximumParts = 3
        options.maximumMessageSize = 10
        let pull = try Socket(.pull, context: context, options: options)
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(endpoint)
        let messages: [[[UInt8]]] = [
            [[1], [2], [3], [4], [5]],
            [[1, 2, 3, 4, 5], [1, 2, 3, 4, 5, 6], [7]],
            [[9]],
        ]
        for message in messages { #expect(try push.send(message)) }
        #expect(try pull.receive() == [[1], [2], [3]])
        #expect(pull.lastDiscarded == Socket.Discarded(messages: 1, parts: 2, bytes: 2))
        #expect(try pull.receive() == [[1, 2, 3, 4, 5]])
        #expect(pull.lastDiscarded == Socket.Discarded(messages: 1, parts: 2, bytes: 7))
        #expect(try pull.receive() == [[9]])
        #expect(pull.lastDiscarded == Socket.Discarded())
        #expect(pull.discarded == Socket.Discarded(messages: 2, parts: 4, bytes: 9))
    }

    @Test func aPartOverTheMaximumDoesNotComeAndOthersDo() throws {
        let context = try Context()
        var options = SocketOptions.frames
        options.maximumPartSize = 1000
        let pull = try Socket(.pull, context: context, options: options)
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(endpoint)
        #expect(try push.send([[UInt8](repeating: 0, count: 1001)]))
        let other = try Socket(.push, context: context, options: .frames)
        try other.connect(endpoint)
        #expect(try other.send([[7]]))
        #expect(try pull.receive() == [[7]])
    }

    @Test func subReceivesWhatItSubscribedTo() throws {
        let context = try Context()
        let pub = try Socket(.xpub, context: context, options: .verdicts)
        let endpoint = try pub.bind("tcp://127.0.0.1:0")
        let sub = try Socket(.sub, context: context, options: .verdicts)
        try sub.subscribe("pcf/1/a")
        try sub.connect(endpoint)
        // XPUB receives the subscription: nothing is published before.
        #expect(try pub.receive() == [[1] + Array("pcf/1/a".utf8)])
        #expect(try pub.send([Array("pcf/1/b".utf8)]))
        #expect(try pub.send([Array("pcf/1/a".utf8)]))
        #expect(try sub.receive() == [Array("pcf/1/a".utf8)])
    }

    @Test func terminationEndsEveryOperation() throws {
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        _ = try pull.bind("tcp://127.0.0.1:0")
        let receiver = JoinableThread(name: "receiver", owning: pull) { pull in
            let error = #expect(throws: ZeroMQError.self) { try pull.receive() }
            #expect(error?.code == .terminated)
        }
        context.terminate()
        receiver.join()
        let error = #expect(throws: ZeroMQError.self) {
            _ = try Socket(.pull, context: context, options: .frames)
        }
        #expect(error?.code == .terminated)
    }
}
