import Testing
import Threads

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(30))) struct EndpointTests {
    private func bindFailure(_ endpoint: String, allowInsecure: Bool = false) throws -> ZeroMQError? {
        let socket = try Socket(.pull, context: Context(), options: .frames)
        do throws(ZeroMQError) {
            _ = try socket.bind(endpoint, allowInsecure: allowInsecure)
            return nil
        } catch {
            return error
        }
    }

    @Test func aPortInUseIsSaidSo() throws {
        let context = try Context()
        let first = try Socket(.pull, context: context, options: .frames)
        let endpoint = try first.bind("tcp://127.0.0.1:0")
        let error = try #require(try bindFailure(endpoint))
        #expect(error.code == .addressInUse)
        #expect(
            error.message == "\(endpoint) is in use by another process: choose another port, "
                + "or find its owner with `ss -ltnp`")
    }

    @Test(arguments: [
        "", "tcp://", "127.0.0.1:7777", "tcp://127.0.0.1", "tcp://127.0.0.1:port", "tcp://127.0.0.1:70000",
        "udp://127.0.0.1:7777", "pgm://eth0;239.0.0.1:7777", "tcp://127.0.0.1:1\0",
    ])
    func whatIsNoEndpointIsRefused(endpoint: String) throws {
        let error = try #require(try bindFailure(endpoint, allowInsecure: true))
        #expect(error.code == .invalidEndpoint)
        #expect(error.message.contains("tcp://ADDRESS:PORT"))
    }

    @Test(arguments: ["tcp://nosuchif0:7777", "tcp://192.0.2.1:7777"])
    func anAddressOfNoInterfaceIsSaidSo(endpoint: String) throws {
        let error = try #require(try bindFailure(endpoint, allowInsecure: true))
        #expect(error.code == .noSuchAddress)
        #expect(error.message.contains("no network interface"))
    }

    @Test func anIPCPathNeedsItsDirectory() throws {
        #expect(try bindFailure("ipc:///nonexistent/scanward.sock")?.code == .pathMissing)
    }

    @Test(arguments: [
        "tcp://*:0", "tcp://0.0.0.0:0", "tcp://127.0.0.1.example.org:0", "tcp://[::]:0", "tcp://localhost:0",
    ])
    func aBindForOthersNeedsLeave(endpoint: String) throws {
        let error = try #require(try bindFailure(endpoint))
        #expect(error.code == .insecureBind)
        #expect(error.message.contains("allow_insecure"))
    }

    @Test func leaveMayBeGiven() throws { #expect(try bindFailure("tcp://*:0", allowInsecure: true) == nil) }

    @Test(arguments: [
        "tcp://127.0.0.1:0", "tcp://127.1.2.3:7777", "tcp://lo:1", "tcp://[::1]:5", "ipc:///tmp/s", "inproc://x",
    ])
    func localEndpointsAreKnown(endpoint: String) { #expect(Endpoint.isLocal(endpoint)) }

    @Test func aClosedSocketSaysSo() throws {
        let socket = try Socket(.push, context: Context(), options: .frames)
        socket.close()
        socket.close()
        let error = #expect(throws: ZeroMQError.self) { _ = try socket.send([[1]]) }
        #expect(error?.code == .terminated)
    }
}
