import Foundation
import Synchronization

/// Damage that is met while a journal is in use. A start checks a large journal in part; what it passed over may show
/// itself later.
///
/// The first time leaves a mark in the state folder, so that the next start checks every byte, and sets the journal aside
/// if something is wrong with it; and it is told once.
final class DamageWatch: Sendable {
    private struct State {
        var first: String?
        var isTold = false
        var unreadable: Set<UInt64> = []
    }

    /// Numbers that are told apart; more are not counted.
    private static let counted = 100_000

    private let folder: StateFolder
    private let state = Mutex(State())

    init(_ folder: StateFolder) { self.folder = folder }

    /// Different verdicts that could not be read.
    var unreadable: Int { state.withLock { $0.unreadable.count } }

    /// Takes note of verdicts that were left out.
    func note(unreadable range: ClosedRange<UInt64>) {
        state.withLock { state in
            let room = Self.counted - state.unreadable.count
            state.unreadable.formUnion(range.prefix(max(0, room)))
        }
        note("verdicts \(range.lowerBound) to \(range.upperBound) are not as they were written")
    }

    func note(_ problem: String) {
        let isFirst = state.withLock { state in
            defer { state.first = state.first ?? problem }
            return state.first == nil
        }
        // Where it cannot be written, the next start that meets the damage tries again.
        if isFirst { try? Data((problem + "\n").utf8).write(to: URL(filePath: folder.damageMark)) }
    }

    /// What there is to tell; nil if nothing, or told before.
    func takeNews() -> String? {
        let problem = state.withLock { state -> String? in
            guard !state.isTold else { return nil }
            state.isTold = state.first != nil
            return state.first
        }
        return problem.map {
            "\(folder.database) is damaged (\($0)); start the monitor anew when the line may stand: it then checks every "
                + "byte and sets the journal aside; `scanward journal export` reads what can be read"
        }
    }
}
