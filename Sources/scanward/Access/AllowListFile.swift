import Foundation
import Synchronization
import ZeroMQ

/// The allow-list's file: read at the start, and anew when it has changed or a reload was asked for.
///
/// A list that became damaged, or went away, is reported and the last good one stays in use.
final class AllowListFile: Sendable {
    /// The list as it was at the start.
    let initial: AllowList

    private let state: Mutex<State>
    private let report: @Sendable (String) -> Void

    /// What tells one state of a file from another without reading it.
    fileprivate struct Signature: Equatable {
        var device: UInt64 = 0, inode: UInt64 = 0, size: Int64 = -1, seconds = 0, nanoseconds = 0

        /// Size -1 for a file that is not there.
        init(_ path: String) {
            var status = stat()
            guard stat(path, &status) == 0 else { return }
            (device, inode, size) = (UInt64(status.st_dev), UInt64(status.st_ino), Int64(status.st_size))
            (seconds, nanoseconds) = (status.st_mtim.tv_sec, status.st_mtim.tv_nsec)
        }
    }

    private struct State {
        var path: String
        /// Nil has it read anew in any case.
        var signature: Signature?
        /// Read for a reload already, and to be taken as it was then.
        var ready: AllowList?
        var rereads = 0, damaged = 0
    }

    /// Reads the list.
    ///
    /// - Parameter report: is told of each reading anew, on the gate's thread.
    init(_ path: String, report: @escaping @Sendable (String) -> Void = { _ in }) throws {
        self.report = report
        state = Mutex(State(path: path, signature: Signature(path)))
        initial = try Self.read(path)
    }

    /// Times that it was read anew, and that it was found damaged.
    var counts: (rereads: Int, damaged: Int) { state.withLock { ($0.rereads, $0.damaged) } }

    /// Has it read anew at the next `refresh()`, changed or not.
    func reload() { state.withLock { $0.signature = nil } }

    /// A list with what its file was like before it was read.
    struct Reading: Sendable {
        let path: String
        let list: AllowList
        fileprivate let signature: Signature

        init(_ path: String) throws {
            self.path = path
            signature = Signature(path)
            list = try AllowListFile.read(path)
        }
    }

    /// Has it taken at the next `refresh()`: what was checked is what is used. The file is followed from then on.
    func take(_ reading: Reading) {
        state.withLock { state in
            (state.path, state.signature, state.ready) = (reading.path, reading.signature, reading.list)
        }
    }

    /// The list, where the file has changed and is whole; nil keeps the one in use.
    func refresh() -> AllowList? {
        let (ready, path) = state.withLock { state -> (AllowList?, String?) in
            if let ready = state.ready {
                state.ready = nil
                state.rereads += 1
                return (ready, nil)
            }
            let signature = Signature(state.path)
            defer { state.signature = signature }
            return (nil, state.signature != signature ? state.path : nil)
        }
        if let ready {
            report(Self.told(ready))
            return ready
        }
        guard let path else { return nil }
        do {
            let list = try Self.read(path)
            state.withLock { $0.rereads += 1 }
            report(Self.told(list))
            return list
        } catch {
            state.withLock { $0.damaged += 1 }
            report("\(error); the allow-list from before stays in use")
            return nil
        }
    }

    private static func told(_ list: AllowList) -> String { "the allow-list was read anew: \(list.entries.count) keys" }

    /// Reads a list as it is now.
    static func read(_ path: String) throws -> AllowList {
        let text = try self.text(path)
        do throws(AllowList.Damage) {
            return try AllowList(text: text)
        } catch {
            throw Failure("\(path), \(printable(error.description))")
        }
    }

    /// Adds an entry, and makes the file if there is none. It is replaced whole, so that a running monitor never reads half
    /// of it.
    static func add(_ entry: AllowList.Entry, to path: String) throws {
        let isNew = !FileManager.default.fileExists(atPath: path)
        var text = isNew ? "# Keys that may connect: NAME KEY, one a line.\n" : try self.text(path)
        var list = isNew ? AllowList() : try read(path)
        do throws(AllowList.Duplicate) {
            try list.add(entry)
        } catch {
            throw Failure("\(path): \(error.message)")
        }
        if !text.isEmpty && !text.hasSuffix("\n") { text += "\n" }
        text += "\(entry.name) \(entry.key)\n"
        do {
            try Data(text.utf8).write(to: URL(filePath: path), options: .atomic)
        } catch {
            throw Failure("\(path) cannot be written: \(error.localizedDescription)")
        }
    }

    private static func text(_ path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw Failure(
                "\(path) cannot be read; expected an allow-list of lines NAME KEY, as "
                    + "`scanward keys allow NAME KEY --allow-list \(path)` makes it")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw Failure("\(path) is no allow-list: expected lines NAME KEY, found bytes that are not UTF-8")
        }
        return text
    }
}
