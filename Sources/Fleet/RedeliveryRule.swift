/// When a part is not given to another worker any more.
public struct RedeliveryRule: Sendable, Equatable {
    /// Workers that may die of a part.
    public var workers: Int

    public init(workers: Int = 3) { self.workers = workers }

    public enum Decision: Sendable, Equatable {
        case score
        /// To the dead letters: so many had it, and none said a word.
        case abandon(deaths: Int)
    }

    /// Only a lease that ran out has a part given out again: workers hand nothing back, but answer, also of what they cannot
    /// read, and one that lost its link answers once it has it again, which settles the part. A message that no worker saw, as
    /// its link was cut then, is no death; so workers say that they begin, and these words are counted.
    ///
    /// - Parameters:
    ///   - deliveries: 1 for the first.
    ///   - began: workers that had begun with it before this delivery; asked for from the fourth delivery on.
    public func decide(deliveries: Int, began: () throws -> Int) rethrows -> Decision {
        guard deliveries > workers else { return .score }
        let deaths = try began()
        return deaths >= workers ? .abandon(deaths: deaths) : .score
    }
}
