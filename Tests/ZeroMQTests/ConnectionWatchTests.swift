import Glibc
import Testing
import Threads

@testable import ZeroMQ

@Suite struct ConnectionWatchTests {
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
        while watch.snapshot.greeted == 0 { sched_yield() }
        #expect(watch.snapshot.opened == 1 && watch.snapshot.current == 1 && watch.snapshot.refused == 0)
        push.close()
        while watch.snapshot.closed == 0 { sched_yield() }
        #expect(watch.snapshot.current == 0)
    }

    @Test func aPeerThatSpeaksSomethingElseIsCountedAsRefused() throws {
        let context = try Context()
        let pull = try Socket(.pull, context: context, options: .frames)
        let watch = try pull.watchConnections()
        let endpoint = try pull.bind("tcp://127.0.0.1:0")
        let port = try #require(UInt16(endpoint.split(separator: ":").last ?? ""))
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        #expect(connected == 0)
        let request = Array("GET / HTTP/1.1\r\nHost: scanner\r\n\r\n".utf8)
        #expect(write(descriptor, request, request.count) == request.count)
        close(descriptor)
        while watch.snapshot.refused == 0 || watch.snapshot.closed == 0 { sched_yield() }
        #expect(watch.snapshot.greeted == 0 && watch.snapshot.current == 0)
        // It harms nobody.
        let push = try Socket(.push, context: context, options: .frames)
        try push.connect(endpoint)
        #expect(try push.send([[1]]))
        #expect(try pull.receive() == [[1]])
        while watch.snapshot.greeted == 0 { sched_yield() }
        #expect(watch.snapshot.current == 1)
    }
}
