import NIOCore
import Synchronization

/// The connections that are open, and who has them: so many half-open ones cannot keep others out.
///
/// Where there are too many, of one address or of all, the one goes that has waited longest for its client: a request that
/// is being answered is never broken off for another's sake.
final class OpenConnections: Sendable {
    struct Limits: Sendable {
        /// Of one address; this machine's own, which may be a proxy for many, has no limit but that of all.
        var perAddress: Int
        /// From so many on the one that has waited longest makes room for each new one.
        var ofAll: Int
    }

    private struct Entry {
        let address: ClientAddress
        let channel: any Channel
        /// Whether its client is waited for; ascending numbers, the longest wait first. Nil while a request is answered.
        var waiting: UInt64?
    }

    private struct State {
        var entries: [ObjectIdentifier: Entry] = [:]
        var next: UInt64 = 0

        mutating func number() -> UInt64 {
            next += 1
            return next
        }

        /// The one that has waited longest, of `address` or of all.
        func longest(of address: ClientAddress?) -> Entry? {
            entries.values.filter { $0.waiting != nil && (address == nil || $0.address == address) }
                .min { $0.waiting ?? 0 < $1.waiting ?? 0 }
        }

        mutating func remove(_ channel: any Channel) -> any Channel {
            entries[ObjectIdentifier(channel)] = nil
            return channel
        }
    }

    private let limits: Limits
    private let state = Mutex(State())

    init(_ limits: Limits) { self.limits = limits }

    /// Takes a new connection in, and closes another, or the new one itself, where there are too many.
    func add(_ channel: any Channel) {
        let address = ClientAddress(channel.remoteAddress?.ipAddress)
        let closed: [any Channel] = state.withLock { state in
            var closed: [any Channel] = []
            let own = state.entries.values.count { $0.address == address }
            if !address.isLoopback && own >= limits.perAddress {
                guard let longest = state.longest(of: address) else { return [channel] }
                closed.append(state.remove(longest.channel))
            } else if state.entries.count >= limits.ofAll, let longest = state.longest(of: nil) {
                closed.append(state.remove(longest.channel))
            }
            state.entries[ObjectIdentifier(channel)] = Entry(
                address: address, channel: channel, waiting: state.number())
            return closed
        }
        for channel in closed { channel.close(mode: .all, promise: nil) }
    }

    /// Takes note of whether its client is waited for, or an answer is being made.
    func note(_ channel: any Channel, isWaiting: Bool) {
        state.withLock { state in
            let number = isWaiting ? state.number() : nil
            state.entries[ObjectIdentifier(channel)]?.waiting = number
        }
    }

    func remove(_ channel: any Channel) {
        state.withLock { state in state.entries[ObjectIdentifier(channel)] = nil }
    }
}
