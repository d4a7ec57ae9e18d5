/// Lets wrong tokens be tried only so often: by each address, and by all together. A pure state machine; time is passed in.
///
/// The same wrong token counts once in a window: a browser sends an old cookie with everything it asks for.
/// A token has 256 bits and is not found by trying: what is right is not held up by what others try.
struct TryLimiter: Sendable {
    /// Wrong tries in a window after which an address, or everyone, waits for the next.
    static let perAddress = 5, ofAll = 100
    /// ns.
    static let window: UInt64 = 60_000_000_000
    /// Addresses remembered; further ones share a count.
    private static let maximumAddresses = 1024

    private var since: UInt64 = 0
    private var tries: [String: Int] = [:]
    private var total = 0
    private var seen: Set<Int> = []
    /// Seconds until `address` may try again; nil when it may now.
    mutating func wait(for address: String, at time: UInt64) -> Int? {
        turn(at: time)
        guard tries[key(address), default: 0] >= Self.perAddress || total >= Self.ofAll else { return nil }
        return Int((since + Self.window - time + 999_999_999) / 1_000_000_000)
    }

    mutating func noteWrong(_ token: String, from address: String, at time: UInt64) {
        turn(at: time)
        guard seen.insert(token.hashValue).inserted else { return }
        tries[key(address), default: 0] += 1
        total += 1
    }

    private mutating func turn(at time: UInt64) {
        guard time >= since + Self.window || since == 0 else { return }
        since = max(1, time)
        tries = [:]
        total = 0
        seen = []
    }

    private func key(_ address: String) -> String {
        tries[address] != nil || tries.count < Self.maximumAddresses ? address : "(others)"
    }
}
