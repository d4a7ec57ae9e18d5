import Foundation
import Synchronization
import TestPrograms
import Threads

@testable import Journal

/// A verdict for tests: its content follows from its number.
func verdict(_ seq: UInt64, part: String? = nil, evaluation: String = "ok", decided: UInt64? = nil, size: Int = 100)
    -> JournalVerdict
{
    let filler = String(repeating: "\(seq % 10)", count: size)
    return JournalVerdict(
        seq: seq, resultID: "result-\(seq)", line: "line1", station: "st1",
        part: PartKey(source: "scanner-a", session: "s1", partID: part ?? "part-\(seq)", attempt: 1),
        partType: seq % 2 == 0 ? "mug" : nil, evaluation: evaluation,
        decidedNanoseconds: decided ?? 1_000_000_000 * seq, json: Array(#"{"seq":\#(seq),"filler":"\#(filler)"}"#.utf8))
}

func opened(_ part: String, attempt: Int = 1) -> OpenedPart {
    OpenedPart(
        key: PartKey(source: "scanner-a", session: "s1", partID: part, attempt: attempt), partType: "mug",
        captureNanoseconds: 5, openedNanoseconds: 6, isSimulated: false)
}

/// The time of day as a test says.
final class ManualWallClock: WallClock {
    private let now: Mutex<UInt64>
    init(_ now: UInt64) { self.now = Mutex(now) }
    var unixNanoseconds: UInt64 { now.withLock { $0 } }
    func set(_ time: UInt64) { now.withLock { $0 = time } }
}

/// A disk whose free space a test says.
final class ManualDisk: JournalDisk {
    private let free = Mutex<UInt64>(1 << 40)
    func freeBytes(at path: String) -> UInt64? { free.withLock { $0 } }
    func size(of path: String) -> UInt64? { SystemDisk().size(of: path) }
    func move(_ path: String, to other: String) throws { try SystemDisk().move(path, to: other) }
    func setFree(_ bytes: UInt64) { free.withLock { $0 = bytes } }
}

/// What a journal told, to be waited for.
final class Events: Sendable {
    private let seen = Monitor<[JournalEvent]>([])
    var observe: @Sendable (JournalEvent) -> Void { { [seen] event in seen.withLock { $0.append(event) } } }
    var all: [JournalEvent] { seen.withLock { $0 } }

    /// Waits for an event; nil after a time in which it would have come.
    func first(where condition: (JournalEvent) -> Bool) -> JournalEvent? {
        seen.wait(until: SystemClock().after(.seconds(20))) { $0.first(where: condition) }
    }

    func alert(_ code: String) -> JournalEvent? {
        first { event in
            switch event {
            case .alert(let alert), .notReady(let alert): alert.code == code
            default: false
            }
        }
    }
}

extension Journal {
    static func test(
        _ folder: ScratchFolder, disk: any JournalDisk = SystemDisk(), clock: any MonotonicClock = SystemClock(),
        wallClock: any WallClock = SystemWallClock(), events: Events = Events(),
        configure: (inout Configuration) -> Void = { _ in }
    ) throws -> Journal {
        var configuration = Configuration(folder: StateFolder(folder.path))
        configuration.watchInterval = .milliseconds(20)
        configuration.retryInterval = .milliseconds(5)
        configure(&configuration)
        let observe = events.observe
        return try open(configuration, disk: disk, clock: clock, wallClock: wallClock) { event in
            observe(event)
            // The folder lives as long as the journal in it.
            withExtendedLifetime(folder) {}
        }
    }

    /// All verdicts, read on a connection of its own.
    func all() throws -> [JournalVerdict] { try reader.page(from: 0, limit: 100_000, bytes: .max).verdicts }
}

/// Waits until `condition` holds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = SystemClock().after(.seconds(20))
    while try !condition() {
        if SystemClock().now > deadline { return false }
        sched_yield()
    }
    return true
}
