import NATSTransport

/// Tells on standard error why the fleet does not go on, a sentence once until it does. That no server is reached is `FleetLink`'s
/// to tell.
struct RefusalTeller {
    private let beginning: String
    private var told = ""

    /// - Parameter beginning: of each sentence: what does not go on.
    init(_ beginning: String = "") { self.beginning = beginning }

    mutating func tell(_ error: NATSError) {
        let sentence = FleetStreams.sentence(error)
        guard error.code != .unreachable, error.code != .timedOut, sentence != told else { return }
        told = sentence
        Terminal.error("scanward: \(beginning)\(printable(sentence))")
    }

    mutating func recovered() { told = "" }
}
