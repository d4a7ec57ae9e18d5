import Glibc
import Synchronization
import Testing
import Threads

@testable import ZeroMQ

@Suite(.timeLimit(.minutes(30))) struct AccessGateTests {
    /// A PULL socket that asks for keys, and clients of it.
    private final class Bench {
        let context: Context
        let keys: CurveKeyPair
        let gate: AccessGate
        let pull: Socket
        let watch: ConnectionWatch
        let endpoint: String

        init(
            _ list: AllowList, refresh: @escaping @Sendable () -> AllowList? = { nil },
            onRefusal: @escaping @Sendable (AccessGate.Refusal) -> Void = { _ in }
        ) throws {
            context = try Context()
            keys = try CurveKeyPair.generate()
            gate = try AccessGate(context: context, allowList: list, refresh: refresh, onRefusal: onRefusal)
            var options = SocketOptions.frames
            options.security = .curveServer(keys, gate: gate)
            pull = try Socket(.pull, context: context, options: options)
            watch = try pull.watchConnections()
            endpoint = try pull.bind("tcp://127.0.0.1:0")
        }

        func client(_ security: SocketSecurity) throws -> Socket {
            var options = SocketOptions.frames
            options.linger = .zero
            options.security = security
            let push = try Socket(.push, context: context, options: options)
            try push.connect(endpoint)
            return push
        }

        func client(_ keys: CurveKeyPair) throws -> Socket {
            try client(.curveClient(keys, server: self.keys.publicKey))
        }
    }

    private func list(_ pairs: (String, CurveKeyPair)...) throws -> AllowList {
        var list = AllowList()
        for (name, keys) in pairs { try list.add(.init(name: name, key: keys.publicKey)) }
        return list
    }

    @Test func aKeyOnTheListIsAdmittedUnderItsName() throws {
        let keys = try CurveKeyPair.generate()
        let bench = try Bench(list(("scanner-a", keys)))
        let push = try bench.client(keys)
        #expect(try push.send([[1], [2]]))
        #expect(try bench.pull.receive() == [[1], [2]])
        #expect(bench.pull.lastOrigin.user == "scanner-a" && bench.pull.lastOrigin.connection >= 0)
        #expect(bench.gate.counts == .init(admitted: ["scanner-a": 1]))
    }

    @Test func aKeyThatIsNotOnItIsRefusedCountedAndToldAndOthersWorkOn() throws {
        let good = try CurveKeyPair.generate(), unknown = try CurveKeyPair.generate()
        let told = Mutex<[AccessGate.Refusal]>([])
        let bench = try Bench(list(("good", good)), onRefusal: { refusal in told.withLock { $0.append(refusal) } })
        let stranger = try bench.client(unknown)
        while !Task.isCancelled, bench.watch.snapshot.refused[.notAdmitted(status: 400)] == nil { usleep(500) }
        #expect(try !stranger.send([[9]], deadline: 0))
        let push = try bench.client(good)
        #expect(try push.send([[1]]))
        #expect(try bench.pull.receive() == [[1]])
        #expect(bench.gate.counts.admitted == ["good": 1])
        #expect(bench.gate.counts.refusedKeys[unknown.publicKey.text] == bench.gate.counts.refused)
        let first = try #require(told.withLock { $0.first })
        #expect(first == AccessGate.Refusal(key: unknown.publicKey.text, address: "127.0.0.1", count: 1))
    }

    @Test func withoutCurveNobodyIsLetIn() throws {
        let bench = try Bench(AllowList())
        let plain = try bench.client(.none)
        while !Task.isCancelled, bench.watch.snapshot.refused[.brokeProtocol("mechanism mismatch")] == nil {
            usleep(500)
        }
        #expect(try !plain.send([[9]], deadline: 0))
        #expect(bench.watch.snapshot.greeted == 0)
    }

    @Test func aStoppedGateAdmitsNobody() throws {
        let keys = try CurveKeyPair.generate()
        let bench = try Bench(list(("a", keys)))
        bench.gate.stop()
        let push = try bench.client(keys)
        while !Task.isCancelled, bench.watch.snapshot.refusedTotal == 0 { usleep(500) }
        #expect(try !push.send([[1]], deadline: 0))
        #expect(bench.watch.snapshot.greeted == 0 && bench.gate.counts == .init())
    }

    @Test func aNewerListCountsAtOnce() throws {
        let keys = try CurveKeyPair.generate()
        let newer = Mutex<AllowList?>(nil)
        let bench = try Bench(AllowList(), refresh: { newer.withLock { $0.take() } })
        // libzmq does not try again by itself once it was told that it is not admitted.
        let early = try bench.client(keys)
        while !Task.isCancelled, bench.gate.counts.refused == 0 { usleep(500) }
        early.close()
        let longer = try list(("late", keys))
        newer.withLock { $0 = longer }
        let push = try bench.client(keys)
        #expect(try push.send([[1]]))
        #expect(try bench.pull.receive() == [[1]])
        #expect(bench.pull.lastOrigin.user == "late")
    }

    @Test func aWrongServerKeyReachesNobody() throws {
        let keys = try CurveKeyPair.generate()
        let bench = try Bench(list(("a", keys)))
        let push = try bench.client(.curveClient(keys, server: keys.publicKey))
        while !Task.isCancelled, bench.watch.snapshot.refusedTotal == 0 { usleep(500) }
        #expect(try !push.send([[1]], deadline: 0))
        #expect(bench.gate.counts == .init())
    }

    @Test func requestsAreReadAsRFC27SaysAndOthersAdmitNobody() throws {
        func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }
        let key = [UInt8](repeating: 7, count: 32)
        let head = [bytes("1.0"), bytes("id1"), bytes("scanward"), bytes("10.0.0.7"), []]
        let request = try #require(ZAPRequest(head + [bytes("CURVE"), key]))
        #expect(request.curveKey == CurveKey(bytes: key) && request.address == "10.0.0.7")
        #expect(
            request.reply(admitting: "a") == [bytes("1.0"), bytes("id1"), bytes("200"), bytes("OK"), bytes("a"), []])
        #expect(request.reply(admitting: nil)[2] == bytes("400"))
        #expect(ZAPRequest(head + [bytes("PLAIN"), bytes("user"), bytes("password")])?.curveKey == nil)
        #expect(ZAPRequest(head + [bytes("CURVE"), [1, 2, 3]])?.curveKey == nil)
        #expect(ZAPRequest([bytes("2.0")] + head.dropFirst() + [bytes("NULL")]) == nil)
        #expect(ZAPRequest([]) == nil)
    }

    @Test func aContextHasOneGate() throws {
        let context = try Context()
        let gate = try AccessGate(context: context, allowList: AllowList())
        #expect(throws: ZeroMQError.self) { try AccessGate(context: context, allowList: AllowList()) }
        gate.stop()
    }
}
