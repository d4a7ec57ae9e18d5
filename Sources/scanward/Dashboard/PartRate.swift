/// How many parts a minute, of the last five: counted by the second, so that no line is too fast for it. Times are passed in.
struct PartRate: Sendable {
    private static let seconds = 300
    private static let second: UInt64 = 1_000_000_000

    private let startedAt: UInt64
    /// Counts by the second modulo `seconds`.
    private var counts = [Int](repeating: 0, count: PartRate.seconds)
    /// The second that was counted in last.
    private var newest: UInt64

    /// - Parameter startedAt: monotonic ns, as all times.
    init(startedAt: UInt64) {
        self.startedAt = startedAt
        newest = startedAt / Self.second
    }

    mutating func note(at time: UInt64) {
        let second = max(time / Self.second, newest)
        // The seconds in which nothing was noted.
        let skipped = min(second - newest, UInt64(Self.seconds))
        for behind in 0..<skipped { counts[Int((second - behind) % UInt64(Self.seconds))] = 0 }
        newest = second
        counts[Int(second % UInt64(Self.seconds))] += 1
    }

    /// Parts a minute in the last five minutes, or since the start.
    func perMinute(at time: UInt64) -> Double {
        let second = time / Self.second
        let first = second >= UInt64(Self.seconds - 1) ? second - UInt64(Self.seconds - 1) : 0
        var count = 0
        for behind in 0..<UInt64(Self.seconds) where newest >= behind && newest - behind >= first {
            count += counts[Int((newest - behind) % UInt64(Self.seconds))]
        }
        let covered = time - min(time, max(startedAt, first * Self.second))
        return Double(count) * 60e9 / Double(max(Self.second, covered))
    }
}
