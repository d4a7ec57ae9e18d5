import Foundation
import Inspection
import Synchronization

/// Debian's Chromium without a window, driven by its DevTools protocol over two pipes: no port, no socket, no library.
///
/// Messages are JSON that end with a zero byte (`--remote-debugging-pipe`). WebGL runs in software (SwiftShader).
final class Chromium: Sendable {
    static let binary = URL(filePath: "/usr/bin/chromium")
    static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: binary.path) }

    struct Failed: Error, CustomStringConvertible { let description: String }

    private struct State {
        var next = 0
        var waiting: [Int: CheckedContinuation<[String: JSONValue], any Error>] = [:]
        var events: [(session: String, method: String, parameters: [String: JSONValue])] = []
        var hasEnded = false
    }

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let state = Mutex(State())

    init(profile: String) throws {
        signal(SIGPIPE, SIG_IGN)
        let arguments = [
            "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--use-gl=angle", "--use-angle=swiftshader",
            "--enable-unsafe-swiftshader", "--no-first-run", "--disable-extensions", "--disable-background-networking",
            "--hide-scrollbars", "--force-device-scale-factor=1", "--user-data-dir=\(profile)",
        ]
        // It reads descriptor 3 and writes 4.
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            ["-c", #"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"#, Self.binary.path] + arguments
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        let descriptor = output.fileHandleForReading.fileDescriptor
        Thread.detachNewThread { [self] in
            var rest: [UInt8] = [], buffer = [UInt8](repeating: 0, count: 1 << 16)
            while true {
                let count = read(descriptor, &buffer, buffer.count)
                if count < 0 && errno == EINTR { continue }
                guard count > 0 else { break }
                rest += buffer[..<count]
                while let end = rest.firstIndex(of: 0) {
                    take(Data(rest[..<end]))
                    rest.removeSubrange(...end)
                }
            }
            end()
        }
    }

    func close() {
        process.terminate()
        process.waitUntilExit()
    }

    /// Sends a command and waits for its answer.
    @discardableResult
    func command(
        _ method: String, _ parameters: [String: JSONValue] = [:], session: String? = nil
    ) async throws -> [String: JSONValue] {
        try await withCheckedThrowingContinuation { continuation in
            let id: Int? = state.withLock { state in
                guard !state.hasEnded else { return nil }
                state.next += 1
                state.waiting[state.next] = continuation
                return state.next
            }
            guard let id else { return continuation.resume(throwing: Failed(description: "Chromium has ended")) }
            var message: [String: JSONValue] = [
                "id": .integer(Int64(id)), "method": .string(method), "params": .object(parameters),
            ]
            if let session { message["sessionId"] = .string(session) }
            let data = (try? JSONEncoder().encode(JSONValue.object(message))) ?? Data()
            try? input.fileHandleForWriting.write(contentsOf: data + Data([0]))
        }
    }

    /// What a page told by itself so far.
    func events(of session: String) -> [(method: String, parameters: [String: JSONValue])] {
        state.withLock { $0.events.filter { $0.session == session }.map { ($0.method, $0.parameters) } }
    }

    private func take(_ data: Data) {
        guard case .object(let message)? = try? JSONDecoder().decode(JSONValue.self, from: data) else { return }
        guard let id = message["id"]?.integer else {
            let event = (
                message["sessionId"]?.string ?? "", message["method"]?.string ?? "", message["params"]?.object ?? [:]
            )
            return state.withLock { $0.events.append(event) }
        }
        let continuation = state.withLock { $0.waiting.removeValue(forKey: Int(id)) }
        if let error = message["error"]?.object {
            continuation?.resume(throwing: Failed(description: error["message"]?.string ?? "\(error)"))
        } else {
            continuation?.resume(returning: message["result"]?.object ?? [:])
        }
    }

    private func end() {
        let waiting = state.withLock { state in
            state.hasEnded = true
            defer { state.waiting = [:] }
            return state.waiting.values
        }
        for continuation in waiting { continuation.resume(throwing: Failed(description: "Chromium has ended")) }
    }
}

extension JSONValue {
    var string: String? { if case .string(let text) = self { text } else { nil } }
    var object: [String: JSONValue]? { if case .object(let object) = self { object } else { nil } }
    var array: [JSONValue]? { if case .array(let array) = self { array } else { nil } }
    var integer: Int64? { if case .integer(let number) = self { number } else { nil } }
    var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
    var number: Double? {
        switch self {
        case .integer(let number): Double(number)
        case .number(let number): number
        default: nil
        }
    }
}
