import Dispatch
import Foundation
import Synchronization

/// Ctrl-C while something runs that has a best so far: the first asks it to stop early, the second ends the program.
final class InterruptWatch {
    private final class Flags: Sendable {
        let wasAsked = Atomic(false)
        let isListening = Atomic(false)
    }

    private let flags = Flags()
    private let source: any DispatchSourceSignal

    /// - Parameter sentence: printed at the first Ctrl-C.
    init(sentence: String) {
        signal(SIGINT, SIG_IGN)
        source = DispatchSource.makeSignalSource(signal: SIGINT, queue: .global())
        source.setEventHandler { [flags] in
            guard flags.isListening.load(ordering: .relaxed), !flags.wasAsked.exchange(true, ordering: .relaxed) else {
                Terminal.endStatus()
                exit(ExitCodes.interrupted.rawValue)
            }
            Terminal.error(sentence)
        }
        source.activate()
    }

    /// Whether it was pressed; from the first question on it is expected.
    var wasPressed: Bool {
        flags.isListening.store(true, ordering: .relaxed)
        return flags.wasAsked.load(ordering: .relaxed)
    }

    /// The same question, for other threads to ask.
    var question: @Sendable () -> Bool {
        { [flags] in flags.wasAsked.load(ordering: .relaxed) }
    }

    /// From now on Ctrl-C ends the program at once.
    func end() { flags.isListening.store(false, ordering: .relaxed) }
}
