import NATSTransport
import Synchronization

/// Tells on standard error what of the fleet does not go on, or is refused: a sentence of a kind once, until that kind recovers.
/// That no server is reached is `FleetLink`'s to tell.
final class RefusalTeller: Sendable {
    /// What was told last of each kind.
    private let told = Mutex<[String: String]>([:])

    /// Tells one of a kind; others of it may come by the hundred, each with the name of another part.
    func tell(_ kind: String, _ sentence: String) { tell(kind, sentence, unless: "") }

    /// Tells what the server refuses; another refusal of the same kind is news.
    ///
    /// - Parameter beginning: of the sentence: what does not go on. It is the kind, too.
    func tell(_ error: NATSError, after beginning: String = "") {
        guard error.code != .unreachable, error.code != .timedOut else { return }
        let sentence = FleetStreams.sentence(error)
        tell(beginning, beginning + sentence, unless: sentence)
    }

    func recovered(_ kind: String = "") { told.withLock { _ = $0.removeValue(forKey: kind) } }

    private func tell(_ kind: String, _ sentence: String, unless said: String) {
        let isNews = told.withLock { $0.updateValue(said, forKey: kind) != said }
        if isNews { Terminal.error("scanward: \(printable(sentence))") }
    }
}
