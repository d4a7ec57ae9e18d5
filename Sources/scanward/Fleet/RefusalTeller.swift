import NATSTransport

/// Tells on standard error why the fleet does not go on, a sentence once until it does. That no server is reached is `FleetLink`'s
/// to tell.
struct RefusalTeller {
    private var told = ""

    mutating func tell(_ error: NATSError) {
        let sentence = FleetStreams.sentence(error)
        guard error.code != .unreachable, error.code != .timedOut, sentence != told else { return }
        told = sentence
        Terminal.error("scanward: \(printable(sentence))")
    }

    mutating func recovered() { told = "" }
}
