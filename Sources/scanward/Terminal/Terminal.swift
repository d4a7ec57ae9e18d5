import Foundation
import Synchronization

/// Standard output and error, whole lines at a time, also from several threads.
enum Terminal {
    private static let gate = Mutex(())

    static let isInteractive = isatty(STDERR_FILENO) == 1
    static let usesColor = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    static func output(_ line: String) { write(line + "\n", to: STDOUT_FILENO) }
    static func error(_ line: String) { write(line + "\n", to: STDERR_FILENO) }

    /// Rewrites the current line of a terminal; nothing where standard error is not one.
    static func status(_ text: String) {
        guard isInteractive else { return }
        write("\r\u{1B}[2K" + text, to: STDERR_FILENO)
    }

    /// Ends a line that `status` wrote.
    static func endStatus() {
        guard isInteractive else { return }
        write("\r\u{1B}[2K", to: STDERR_FILENO)
    }

    private static func write(_ text: String, to descriptor: Int32) {
        gate.withLock { _ in
            var bytes = Array(text.utf8)[...]
            while !bytes.isEmpty {
                let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
                if written > 0 {
                    bytes = bytes.dropFirst(written)
                } else if errno != EINTR {
                    return  // A closed pipe: whoever read has gone, and the monitor goes on without them.
                }
            }
        }
    }
}

/// Text from outside, made safe for a terminal: control characters become `?`.
func printable(_ text: String) -> String {
    String(text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : Character($0) })
}

enum Paint: String {
    case green = "32", red = "31", yellow = "33", faint = "2", bold = "1"

    func callAsFunction(_ text: String) -> String {
        Terminal.usesColor ? "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" : text
    }
}
