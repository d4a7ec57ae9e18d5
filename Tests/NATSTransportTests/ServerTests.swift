import Foundation
import Synchronization
import TestPrograms
import TestRequirements
import Testing
import Threads

@testable import NATSTransport

/// Over a real server.
@Suite(.enabled(Comment(rawValue: NATSServer.need)) { try Requirement.isMet(NATSServer.need, NATSServer.isInstalled) })
struct ServerTests {
    private static let stream = StreamConfiguration(
        name: "QUEUE", subjects: ["queue.*"], retention: .workQueue, discard: .new)

    @Test func aMessageIsOneWorkersUntilItsLeaseRunsOut() async throws {
        let server = try await NATSServer()
        try await offPool {
            let connection = try NATSConnection(.init(servers: [server.url], name: "test"), waits: false)
            defer { connection.close() }
            let streams = JetStream(connection)
            #expect(try streams.ensure(Self.stream))
            #expect(try !streams.ensure(Self.stream))
            try streams.ensure(
                ConsumerConfiguration(name: "line_a", subject: "queue.a", lease: .milliseconds(300)), of: "QUEUE")
            #expect(try streams.next("line_a", of: "QUEUE") == nil)
            let first = try streams.publish("queue.a", Array("one".utf8), id: "1")
            #expect(try streams.publish("queue.a", Array("one".utf8), id: "1").isDuplicate)
            _ = try streams.publish("queue.b", Array("other".utf8), id: "2")
            #expect(try streams.message(first.sequence, in: "QUEUE")?.messageID == "1")
            #expect(try streams.last(of: "queue.a", in: "QUEUE")?.payload == Array("one".utf8))
            #expect(try streams.last(of: "queue.c", in: "QUEUE") == nil)

            // Only whoever knows the last message may follow it.
            let fourth = try streams.publish("queue.c", [1], id: nil, after: 0).sequence
            let late = #expect(throws: NATSError.self) { try streams.publish("queue.c", [2], id: nil, after: 0) }
            #expect(late?.code == .refused(NATSError.notTheLast))
            try streams.delete(fourth, from: "QUEUE")

            let taken = try #require(try streams.next("line_a", of: "QUEUE"))
            #expect(taken.deliveries == 1 && taken.payload == Array("one".utf8))
            #expect(try streams.next("line_a", of: "QUEUE") == nil)
            // Nothing is heard of it: another gets it.
            let again = try #require(try streams.next("line_a", of: "QUEUE", patience: .seconds(20)))
            #expect(again.deliveries == 2 && again.sequence == taken.sequence)
            try streams.noteProgress(again)
            try streams.acknowledge(again)
            #expect(try streams.message(first.sequence, in: "QUEUE") == nil)

            let consumers = try streams.consumers(of: "QUEUE")
            #expect(consumers.map(\.name) == ["line_a"] && consumers[0].config.lease == 300_000_000)
            let state = try streams.info("QUEUE", subjects: ">").state
            #expect(state.messages == 1 && state.subjects == ["queue.b": 1])
            let third = try streams.publish("queue.b", Array("third".utf8), id: "3").sequence
            let other = try #require(try streams.first(of: "queue.b", in: "QUEUE"))
            #expect(other.messageID == "2" && other.payload == Array("other".utf8))
            let next = try streams.first(of: "queue.b", from: (other.sequence ?? 0) + 1, in: "QUEUE")
            #expect(next?.sequence == third)
            #expect(try streams.first(of: "queue.b", from: third + 1, in: "QUEUE") == nil)
            try streams.delete(third, from: "QUEUE")
            try streams.delete(third, from: "QUEUE")
            #expect(try streams.message(third, in: "QUEUE") == nil)
            try streams.purge("QUEUE", subject: "queue.b")
            #expect(try streams.info("QUEUE").state.messages == 0)
            #expect(try streams.consumer("line_a", of: "QUEUE").pending == 0)
        }
    }

    /// A consumer's messages come with subjects of their own: other requests on their way at once take none of them.
    @Test func pullsAreNotConfusedWithOtherRequests() async throws {
        let server = try await NATSServer()
        try await offPool {
            let connection = try NATSConnection(.init(servers: [server.url], name: "test"), waits: false)
            defer { connection.close() }
            let streams = JetStream(connection)
            try streams.ensure(Self.stream)
            for line in ["a", "b"] {
                try streams.ensure(
                    ConsumerConfiguration(name: "line_\(line)", subject: "queue.\(line)", lease: .seconds(60)),
                    of: "QUEUE")
            }
            // One that waits for what does not come.
            let other = Mutex<NATSError?>(nil)
            let waiting = JoinableThread(name: "waits") {
                do throws(NATSError) {
                    _ = try streams.next("line_b", of: "QUEUE", patience: .seconds(3))
                } catch {
                    other.withLock { $0 = error }
                }
            }
            for number in 0..<20 {
                _ = try streams.publish("queue.a", [UInt8(number)], id: nil)
                let taken = try #require(try streams.next("line_a", of: "QUEUE", patience: .seconds(20)))
                #expect(taken.payload == [UInt8(number)] && taken.deliveries == 1)
                try streams.acknowledge(taken)
            }
            waiting.join()
            #expect(other.withLock { $0 } == nil)
        }
    }

    @Test func itComesBackWithTheServer() async throws {
        let server = try await NATSServer()
        let events = AsyncStream.makeStream(of: NATSConnection.Event.self)
        let connection = try await offPool {
            try NATSConnection(.init(servers: [server.url], name: "test")) { events.continuation.yield($0) }
        }
        var seen = events.stream.makeAsyncIterator()
        #expect(await seen.next() == .connected)
        try await offPool {
            try JetStream(connection).ensure(Self.stream)
            _ = try JetStream(connection).publish("queue.a", [7], id: nil)
        }
        await server.kill()
        guard case .disconnected? = await seen.next() else {
            Issue.record("expected to be told that the server is gone")
            return
        }
        try await offPool {
            let error = #expect(throws: NATSError.self) { try JetStream(connection).info("QUEUE") }
            #expect(error?.isTransient == true)
        }
        try await server.start()
        #expect(await seen.next() == .connected)
        #expect(try await offPool { try JetStream(connection).last(of: "queue.a", in: "QUEUE")?.payload } == [7])
        try await offPool { connection.close() }
        #expect(!connection.isConnected)
    }

    @Test func whoHasNoCredentialsIsNotLetIn() async throws {
        let server = try await NATSServer(configuration: "authorization { user: scanward, password: \"s3:cret\" }")
        let folder = try ScratchFolder("nats-credentials")
        let file = folder.file("credentials")
        try "scanward:s3:cret\n".write(toFile: file, atomically: true, encoding: .utf8)
        try await offPool {
            var configuration = NATSConfiguration(servers: [server.url], name: "test")
            let refused = #expect(throws: NATSError.self) { try NATSConnection(configuration, waits: false) }
            #expect(refused?.code == .denied)
            configuration.credentialsFile = file
            chmod(file, 0o644)
            let open = #expect(throws: NATSError.self) { try NATSConnection(configuration, waits: false) }
            #expect(open?.message.contains("chmod o=") == true)
            chmod(file, 0o640)
            let connection = try NATSConnection(configuration, waits: false)
            #expect(connection.isConnected)
            connection.close()
        }
        // A worker that is not let in does not wait as if nobody were there.
        try "scanward:other\n".write(toFile: file, atomically: true, encoding: .utf8)
        chmod(file, 0o600)
        let worker = try await Program.run([
            "run", "--role", "score", "--nats", server.url, "--nats-credentials", file, "--state",
            folder.file("worker"),
        ])
        #expect(worker.status == 1 && worker.standardError.contains("fleet.credentials_file"))
    }

    @Test func withTLSTheServerMustBeWhomWeTrust() async throws {
        let folder = try ScratchFolder("nats-tls")
        let made = try Program(
            [
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", folder.file("key.pem"),
                "-out", folder.file("cert.pem"),
            ], binary: URL(filePath: "/usr/bin/openssl"))
        #expect(await made.finish().status == 0)
        let server = try await NATSServer(
            configuration: "tls { cert_file: \"\(folder.file("cert.pem"))\", key_file: \"\(folder.file("key.pem"))\" }",
            scheme: "tls")
        try await offPool {
            var configuration = NATSConfiguration(servers: [server.url], name: "test")
            #expect(throws: NATSError.self) { try NATSConnection(configuration, waits: false) }
            configuration.caFile = folder.file("cert.pem")
            let connection = try NATSConnection(configuration, waits: false)
            #expect(connection.isConnected)
            connection.close()
            configuration.caFile = folder.file("missing.pem")
            let missing = #expect(throws: NATSError.self) { try NATSConnection(configuration, waits: false) }
            #expect(missing?.code == .configuration && missing?.message.contains("fleet.ca_file") == true)
            configuration.caFile = nil
            configuration.keyFile = folder.file("key.pem")
            #expect(throws: NATSError.self) { try NATSConnection(configuration, waits: false) }
        }
    }

    @Test func nobodyThereIsToldInASentence() async throws {
        try await offPool {
            let configuration = NATSConfiguration(servers: ["nats://127.0.0.1:1"], name: "test")
            let error = #expect(throws: NATSError.self) { try NATSConnection(configuration, waits: false) }
            #expect(error?.code == .unreachable)
            #expect(error?.message.hasPrefix("nats://127.0.0.1:1: no NATS server is reached") == true)
        }
    }
}

struct ConfigurationTests {
    @Test(arguments: ["nats://10.0.0.5:4222", "tls://nats.example:4222", "nats://[::1]:4222"])
    func addressesAreTaken(address: String) { #expect(NATSConfiguration.refusal(of: address) == nil) }

    @Test(arguments: ["", "10.0.0.5:4222", "http://10.0.0.5", "nats://", "nats://:4222", "nats://a b", "nats://a/b"])
    func othersAreNot(address: String) { #expect(NATSConfiguration.refusal(of: address) != nil) }

    @Test func aPasswordIsNotShown() {
        let refusal = NATSConfiguration.refusal(of: "nats://me:secret@10.0.0.5")
        #expect(refusal?.contains("secret") == false && refusal?.contains("fleet.credentials_file") == true)
    }
}
