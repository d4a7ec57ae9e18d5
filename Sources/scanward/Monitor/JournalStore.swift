import FrameProtocol
import Journal
import Publishing
import Threads

/// The journal, as the replay socket asks it.
struct JournalStore: VerdictStore {
    let journal: Journal
    /// How long an acknowledgement may wait for the disk.
    private static let patience = Duration.seconds(1)

    func extent() throws -> VerdictExtent { VerdictExtent(try journal.reader.extent()) }

    func verdicts(
        from seq: UInt64, limit: Int
    ) throws -> (verdicts: [StoredVerdict], next: UInt64, extent: VerdictExtent) {
        let page = try journal.reader.page(from: seq, limit: limit)
        return (page.verdicts.map(StoredVerdict.init), page.next, VerdictExtent(page.extent))
    }

    func cursor(of consumer: String) throws -> UInt64? {
        try journal.reader.consumers().first { $0.name == consumer }?.seq
    }

    func register(_ consumer: String, after seq: UInt64) throws {
        try store(.registered(consumer: consumer, seq: seq))
    }

    func acknowledge(_ consumer: String, through seq: UInt64) throws {
        try store(.acknowledged(consumer: consumer, seq: seq))
    }

    private func store(_ change: Journal.Change) throws {
        do throws(JournalError) {
            try journal.store(change, deadline: SystemClock().after(Self.patience))
        } catch  where error.code == .refused {
            throw ReplayRefusal(.tooManyConsumers, error.message)
        }
    }
}

extension VerdictExtent {
    init(_ extent: JournalReader.Extent) {
        self.init(epoch: extent.epoch, first: extent.first, head: extent.head)
    }
}

extension StoredVerdict {
    init(_ verdict: JournalVerdict) {
        self.init(
            seq: verdict.seq, station: .init(line: verdict.line, station: verdict.station),
            evaluation: verdict.evaluation, json: verdict.json)
    }
}
