import Foundation
import Synchronization

/// Standard output and error, whole lines at a time, also from several threads.
enum Terminal {
    // One each: who reads standard output and stops must not keep anybody from saying so on standard error.
    private static let outputGate = Mutex(())
    private static let errorGate = Mutex(())
    private static let logFormat = Mutex(LogFormat.plain)

    static let isInteractive = isatty(STDERR_FILENO) == 1
    static let isOutputInteractive = isatty(STDOUT_FILENO) == 1
    static let usesColor = isatty(STDOUT_FILENO) == 1 && ProcessInfo.processInfo.environment["NO_COLOR"] == nil

    // A closed pipe: whoever read has gone, and the monitor goes on without them.
    static func output(_ line: String) { _ = write(line + "\n", to: STDOUT_FILENO) }
    static func error(_ line: String) {
        let format = logFormat.withLock { $0 }
        // An empty line only parts others.
        guard format == .plain || !line.isEmpty else { return }
        _ = write(format.line(line) + "\n", to: STDERR_FILENO)
    }

    /// From now on lines on standard error are written so.
    static func log(as format: LogFormat) { logFormat.withLock { $0 = format } }

    /// Writes a line that counts as received once it is written.
    static func deliver(_ line: String) throws(Failure) {
        let code = write(line + "\n", to: STDOUT_FILENO)
        guard code != 0 else { return }
        throw Failure("standard output cannot be written: \(String(cString: strerror(code)))")
    }

    /// Takes the last lines of standard output away, where it is a terminal.
    static func rewind(lines: Int) {
        guard isOutputInteractive, lines > 0 else { return }
        _ = write("\u{1B}[\(lines)A\u{1B}[J", to: STDOUT_FILENO)
    }

    /// Rewrites the current line of a terminal; nothing where standard error is not one.
    static func status(_ text: String) {
        guard isInteractive else { return }
        _ = write("\r\u{1B}[2K" + text, to: STDERR_FILENO)
    }

    /// Ends a line that `status` wrote.
    static func endStatus() {
        guard isInteractive else { return }
        _ = write("\r\u{1B}[2K", to: STDERR_FILENO)
    }

    /// - Returns: 0 once all is written, or else the system's error.
    private static func write(_ text: String, to descriptor: Int32) -> Int32 {
        let bytes = Array(text.utf8)
        return descriptor == STDOUT_FILENO
            ? outputGate.withLock { _ in writeAll(bytes, to: descriptor) }
            : errorGate.withLock { _ in writeAll(bytes, to: descriptor) }
    }

    private static func writeAll(_ text: [UInt8], to descriptor: Int32) -> Int32 {
        var bytes = text[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
            if written >= 0 {
                bytes = bytes.dropFirst(written)
            } else if errno == EAGAIN {
                // A pipe that someone made non-blocking, and that is full.
                var wanted = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&wanted, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return 0
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
