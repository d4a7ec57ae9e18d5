import Testing

@testable import NATSTransport

/// The protocol's bytes, without a server.
struct JetStreamTests {
    private let stream = StreamConfiguration(
        name: "S", subjects: ["s.*"], retention: .workQueue, discard: .new, maximumBytes: 1000)

    @Test func aStreamIsChangedOrMade() throws {
        let server = ScriptedServer(
            json: #"{"error":{"code":404,"err_code":10059,"description":"stream not found"}}"#,
            #"{"config":{"name":"S","max_bytes":1000},"state":{"messages":0,"bytes":0,"first_seq":0,"last_seq":0}}"#)
        #expect(try JetStream(server).ensure(stream))
        #expect(server.requests.map(\.subject) == ["$JS.API.STREAM.UPDATE.S", "$JS.API.STREAM.CREATE.S"])
        let body = server.requests[0].payload
        for part in [
            #""retention":"workqueue""#, #""discard":"new""#, #""max_bytes":1000"#, #""storage":"file""#,
            #""duplicate_window":120000000000"#, #""allow_direct":true"#,
        ] { #expect(body.contains(part), "\(part) in \(body)") }
    }

    @Test func aRefusalIsASentenceWithItsCode() {
        let server = ScriptedServer(
            json: #"{"type":"x","error":{"code":404,"err_code":10059,"description":"stream not found"}}"#)
        let error = #expect(throws: NATSError.self) { try JetStream(server).info("S") }
        #expect(error?.code == .refused(NATSError.streamNotFound))
        #expect(error?.message == "STREAM.INFO.S: JetStream refuses: stream not found")
    }

    @Test func aDeliveryTellsHowOftenItWasGivenOut() throws {
        for (reply, deliveries, sequence) in [
            ("$JS.ACK.S.line_a.3.17.20.1700000000000000000.5", 3, 17 as UInt64),
            ("$JS.ACK._.ACCHASH.S.line_a.2.18.20.1700000000000000000.5.token", 2, 18),
            ("$JS.ACK.hub.ACCHASH.S.line_a.1.19.20.1700000000000000000.5", 1, 19),
        ] {
            let delivery = try Delivery(NATSMessage(subject: "s.a", reply: reply, payload: [1]))
            #expect(delivery.deliveries == deliveries && delivery.sequence == sequence)
            #expect(delivery.storedNanoseconds == 1_700_000_000_000_000_000 && delivery.pending == 5)
        }
        for reply in [nil, "", "$JS.ACK.S.c.x.1.1.1.1", "_INBOX.a.b.c.d.e.f.g.h", "$JS.ACK.S"] as [String?] {
            #expect(throws: NATSError.self) { try Delivery(NATSMessage(subject: "s.a", reply: reply)) }
        }
    }

    @Test func anEmptyQueueIsNoFault() throws {
        let empty = NATSMessage(subject: "_INBOX.1", status: 404)
        let server = ScriptedServer([.success(empty), .success(NATSMessage(subject: "_INBOX.1", status: 503))])
        #expect(try JetStream(server).next("c", of: "S") == nil)
        #expect(server.requests[0].payload.contains(#""no_wait":true"#))
        #expect(throws: NATSError.self) { try JetStream(server).next("c", of: "S", patience: .seconds(1)) }
        #expect(server.requests[1].payload.contains(#""expires":1000000000"#))
    }

    @Test func publishingNamesTheMessage() throws {
        let server = ScriptedServer(json: #"{"stream":"S","seq":4,"duplicate":true}"#, #"{"stream":"S"}"#)
        let publication = try JetStream(server).publish("s.a", [1], id: "r1")
        #expect(publication.isDuplicate && publication.sequence == 4)
        #expect(server.requests[0].headers == ["Nats-Msg-Id": "r1"])
        let error = #expect(throws: NATSError.self) { try JetStream(server).publish("s.a", [1], id: nil) }
        #expect(error?.code == .malformed)
    }
}
