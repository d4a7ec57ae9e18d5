import Synchronization

@testable import NATSTransport

/// A connection that answers what it was told to, and remembers what it was asked.
final class ScriptedServer: NATSRequesting {
    struct Request: Equatable {
        var subject: String
        var payload: String
        var headers: [String: String]
    }

    private let state: Mutex<(answers: [Result<NATSMessage, NATSError>], requests: [Request])>

    init(_ answers: [Result<NATSMessage, NATSError>]) { state = Mutex((answers, [])) }

    convenience init(json: String...) {
        self.init(json.map { .success(NATSMessage(subject: "_INBOX.1", payload: Array($0.utf8))) })
    }

    var isConnected: Bool { true }
    var maximumPayload: Int { 1 << 20 }
    var requests: [Request] { state.withLock { $0.requests } }

    func request(
        _ subject: String, _ payload: [UInt8], headers: [String: String], timeout: Duration
    ) throws(NATSError) -> NATSMessage {
        let answer = state.withLock { state -> Result<NATSMessage, NATSError> in
            state.requests.append(
                Request(subject: subject, payload: String(decoding: payload, as: UTF8.self), headers: headers))
            return state.answers.isEmpty ? .failure(NATSError(.timedOut, subject)) : state.answers.removeFirst()
        }
        return try answer.get()
    }

    func pull(_ subject: String, _ payload: [UInt8], timeout: Duration) throws(NATSError) -> NATSMessage {
        try request(subject, payload, headers: [:], timeout: timeout)
    }

    func publish(_ subject: String, _ payload: [UInt8]) throws(NATSError) {
        state.withLock {
            $0.requests.append(
                Request(subject: subject, payload: String(decoding: payload, as: UTF8.self), headers: [:]))
        }
    }
}
