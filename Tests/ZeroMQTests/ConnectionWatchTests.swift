import Glibc
import Synchronization
import TestPrograms
import Testing
import Threads

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(30))) struct ConnectionWatchTests {
    @Test func aPeerThatGreetsIsCounted() throws {
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        let watch = try pull.watchConnections()
        #expect(watch.snapshot == ConnectionWatch.Counts())
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(try pull.bind("tcp://127.0.0.1:0"))
        #expect(try push.send([[1]]))
        #expect(try pull.receive() == [[1]])
        // The message came after the greeting; its event may still be on its way to the watch.
        while !Task.isCancelled, watch.snapshot.greeted == 0 { usleep(500) }
        #expect(watch.snapshot.opened == 1 && watch.snapshot.current == 1 && watch.snapshot.refusedTotal == 0)
        push.close()
        while !Task.isCancelled, watch.snapshot.closed == 0 { usleep(500) }
        #expect(watch.snapshot.current == 0)
    }

    /// libzmq's high-water mark counts whole messages: the parts of one that never ends would fill the memory.
    @Test func aMessageWithoutEndIsCutOff() throws {
        let context = try Context()
        var options = SocketOptions.frames
        options.receiveHighWaterMark = 1
        options.maximumMessageSize = 64 << 10
        let pull = try Socket(.pull, context: context, options: options)
        let watch = try pull.watchConnections()
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        let descriptor = try Loopback.connect(to: Loopback.port(of: endpoint))
        defer { close(descriptor) }
        // RFC 37: greeting, READY, and then parts with MORE for ever. libzmq hangs up on who sends before its READY.
        let greeting: [UInt8] = [0xFF] + [UInt8](repeating: 0, count: 8) + [0x7F, 3, 1] + Array("NULL".utf8)
        let ready = [5] + Array("READY".utf8) + [11] + Array("Socket-Type".utf8) + [0, 0, 0, 4] + Array("PUSH".utf8)
        let hello = greeting + [UInt8](repeating: 0, count: 64 - greeting.count) + [0x04, UInt8(ready.count)] + ready
        #expect(write(descriptor, hello, hello.count) == hello.count)
        while !Task.isCancelled, watch.snapshot.greeted == 0 { usleep(500) }
        let part: [UInt8] = [0x03, 0, 0, 0, 0, 0, 0, 0x80, 0] + [UInt8](repeating: 7, count: 0x8000)
        while !Task.isCancelled, watch.snapshot.closed == 0 {
            _ = send(descriptor, part, part.count, Int32(MSG_NOSIGNAL))
            usleep(1000)
        }
        #expect(watch.snapshot.ended == [.endlessMessage: 1])
        // Who ends its messages may send as many as it likes.
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(endpoint)
        for number in 0..<20 {
            #expect(try push.send([[UInt8](repeating: UInt8(number), count: 60_000)]))
            #expect(try pull.receive()?.first?.first == UInt8(number))
        }
    }

    @Test func aPeerThatSpeaksSomethingElseIsCountedAsRefused() throws {
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        let watch = try pull.watchConnections()
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        let descriptor = try Loopback.connect(to: Loopback.port(of: endpoint))
        let request = Array("GET / HTTP/1.1\r\nHost: scanner\r\n\r\n".utf8)
        #expect(write(descriptor, request, request.count) == request.count)
        close(descriptor)
        while !Task.isCancelled, watch.snapshot.refusedTotal == 0 || watch.snapshot.closed == 0 { usleep(500) }
        #expect(watch.snapshot.greeted == 0 && watch.snapshot.current == 0)
        // It harms nobody.
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(endpoint)
        #expect(try push.send([[1]]))
        #expect(try pull.receive() == [[1]])
        while !Task.isCancelled, watch.snapshot.greeted == 0 { usleep(500) }
        #expect(watch.snapshot.current == 1)
    }

    /// libzmq 4.3.4 reports a part over ZMQ_MAXMSGSIZE as a mere disconnect (src: `v2_decoder` sets EMSGSIZE, the engine
    /// drops it). It is told from a peer that hung up by the state of the connection.
    @Test func anOversizePartIsToldFromAPeerThatHangsUp() throws {
        let context = try Context()
        var options = SocketOptions.frames
        options.maximumPartSize = 1000
        let pull = try Socket(.pull, context: context, options: options)
        let events = Mutex<[ConnectionEvent]>([])
        let watch = try pull.watchConnections { event in events.withLock { $0.append(event) } }
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        options.linger = .zero
        let push = try Socket(.push, context: context, options: options)
        try push.connect(endpoint)
        #expect(try push.send([[1]]))
        #expect(try pull.receive() == [[1]])
        let connection = pull.lastOrigin.connection
        // The watch looks at a connection from the moment on that it has heard of it.
        while !Task.isCancelled, watch.snapshot.greeted == 0 { usleep(500) }
        #expect(try push.send([[UInt8](repeating: 0, count: 1001)]))
        while !Task.isCancelled, watch.snapshot.ended.isEmpty { usleep(500) }
        #expect(watch.snapshot.ended == [.cutOff: 1])
        let event = try #require(events.withLock { $0.first { $0.kind == .closed(.cutOff) } })
        #expect(event.connection == connection && event.peer.hasPrefix("127.0.0.1:"))
        #expect(!endpoint.hasSuffix(event.peer), "the peer's own port")
        // It connects again; then it hangs up by itself.
        while !Task.isCancelled, watch.snapshot.greeted < 2 { usleep(500) }
        push.close()
        while !Task.isCancelled, watch.snapshot.ended[.byPeer] == nil { usleep(500) }
        #expect(watch.snapshot.ended == [.cutOff: 1, .byPeer: 1])
    }

    @Test func aPeerThatIsHeldBackForManyHeartbeatsIsNotCutOff() throws {
        let context = try Context()
        var options = SocketOptions.frames
        options.heartbeatInterval = .milliseconds(10)
        let pull = try Socket(.pull, context: context, options: options)
        let watch = try pull.watchConnections()
        options.linger = .zero
        let push = try Socket(.push, context: context, options: options)
        try push.connect(try pull.bind("tcp://127.0.0.1:0"))
        // Nothing is received: sooner or later PUSH is full, and then waits for many heartbeats in vain.
        let part = [UInt8](repeating: 0, count: 1 << 20)
        var sent = 0
        while try push.send([part], deadline: SystemClock().after(.milliseconds(500))) { sent += 1 }
        #expect(watch.snapshot.closed == 0 && watch.snapshot.opened == 1)
        for _ in 0..<sent { #expect(try pull.receive()?.first?.count == part.count) }
    }
}
