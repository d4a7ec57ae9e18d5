import Dashboard
import Journal

/// The journal, as the HTTP server asks it.
struct JournalLog: VerdictLog {
    let journal: Journal

    func page(from seq: UInt64, limit: Int, query: VerdictQuery) throws -> (
        verdicts: [(seq: UInt64, json: [UInt8])], next: UInt64, head: UInt64
    ) {
        let page = try reading { try $0.page(from: seq, limit: limit, filter: .init(query)) }
        return (page.verdicts.map { ($0.seq, $0.json) }, page.next, page.extent.head)
    }

    func newest(below seq: UInt64, limit: Int, query: VerdictQuery) throws -> (
        verdicts: [(seq: UInt64, json: [UInt8])], next: UInt64?
    ) {
        let page = try reading { try $0.newest(below: seq, limit: limit, filter: .init(query)) }
        return (page.verdicts.map { ($0.seq, $0.json) }, page.next)
    }

    func verdict(resultID: String) throws -> [UInt8]? {
        try reading { try $0.verdict(resultID: resultID)?.json }
    }

    private func reading<Result>(_ body: (JournalReader) throws -> Result) throws -> Result {
        do {
            return try body(journal.reader)
        } catch let error as JournalError where error.code == .closed {
            throw VerdictLogClosed()
        }
    }

    var reasonNotReady: String? {
        switch journal.readiness {
        case .ready: nil
        case .waiting(let alert): alert.message
        case .failed(let error): error.message
        }
    }
}

extension JournalReader.Filter {
    init(_ query: VerdictQuery) {
        self.init(evaluation: query.evaluation, partType: query.partType, source: query.source)
        partID = query.partID
        since = query.since
        until = query.until
    }
}
