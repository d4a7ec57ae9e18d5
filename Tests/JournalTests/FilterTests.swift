import GRDB
import TestPrograms
import Testing

@testable import Journal

/// Lists of verdicts as somebody asks for them, of a journal that is much longer than what is read at once.
@Suite struct FilterTests {
    /// 1500 verdicts, of which few are as any filter wants them.
    private func journal(_ folder: ScratchFolder) throws -> Journal {
        let journal = try Journal.test(folder)
        for seq in 1...1500 as ClosedRange<UInt64> {
            let evaluation = seq % 700 == 1 ? "not_ok" : "ok"
            let stored = verdict(seq, part: seq % 3 == 0 ? "Größe \(seq)" : "part-\(seq)", evaluation: evaluation)
            if seq == 1500 { try journal.store(.verdict(stored)) } else { journal.append(.verdict(stored)) }
        }
        return journal
    }

    private func filters() -> [JournalReader.Filter] {
        var filters = [
            JournalReader.Filter(), .init(evaluation: "not_ok"), .init(partType: "mug"), .init(source: "scanner-a"),
            .init(source: "nobody"), .init(evaluation: "ok", partType: "mug", source: "scanner-a"),
        ]
        // As Swift compares letters, not as SQLite does: of ASCII alone.
        for part in ["GRÖSSE 9", "grÖße 9", "%", "part-77", "'"] {
            filters.append(.init())
            filters[filters.count - 1].partID = part
        }
        filters.append(.init())
        filters[filters.count - 1].since = 100_000_000_000
        filters[filters.count - 1].until = 103_000_000_000
        return filters
    }

    @Test func eachIsAnsweredWithWhatItAccepts() throws {
        let journal = try journal(try ScratchFolder("journal"))
        let all = try journal.reader.page(from: 1, limit: 1500).verdicts
        #expect(all.count == 1500)
        for filter in filters() {
            let wanted = all.filter(filter.accepts).map(\.seq)
            var found: [UInt64] = [], next: UInt64 = 1
            while next <= 1500 {
                let page = try journal.reader.page(from: next, limit: 3, filter: filter)
                #expect(page.verdicts.count <= 3 && page.next > next, "\(filter)")
                found += page.verdicts.map(\.seq)
                next = page.next
            }
            #expect(found == wanted && next == 1501, "\(filter)")
            var below: UInt64? = UInt64(Int64.max), newest: [UInt64] = []
            while let place = below {
                let (verdicts, next) = try journal.reader.newest(below: place, limit: 3, filter: filter)
                #expect(verdicts.count <= 3 && next ?? 0 < place, "\(filter)")
                newest += verdicts.map(\.seq)
                below = next
            }
            #expect(newest == wanted.reversed(), "\(filter)")
        }
        #expect(try journal.reader.newest(below: 1, limit: 3).next == nil)
        journal.close()
    }

    @Test func bytesEndAPageToo() throws {
        let journal = try journal(try ScratchFolder("journal"))
        let filter = JournalReader.Filter(evaluation: "not_ok")
        let page = try journal.reader.page(from: 1, limit: 10, bytes: 1, filter: filter)
        #expect(page.verdicts.map(\.seq) == [1] && page.next == 2)
        let newest = try journal.reader.newest(below: 1501, limit: 100, bytes: 1, filter: filter)
        #expect(newest.verdicts.map(\.seq) == [1401] && newest.next == 1401)
        journal.close()
    }

    /// What is left out is not read: a row whose JSON is damaged is met by those alone who asked for it.
    @Test func whatIsLeftOutIsNotRead() throws {
        let folder = try ScratchFolder("journal")
        try journal(folder).close()
        try withRawDatabase(folder) { try $0.execute(sql: "UPDATE verdict SET json = 'x' WHERE seq IN (5, 701)") }
        let journal = try Journal.test(folder) {
            $0.fullCheckBytes = 0
            $0.newestChecked = 10
        }
        _ = try journal.reader.page(from: 1, limit: 100, filter: .init(source: "nobody"))
        #expect(journal.unreadableVerdicts == 0)
        let failed = try journal.reader.page(from: 1, limit: 100, filter: .init(evaluation: "not_ok"))
        #expect(failed.verdicts.map(\.seq) == [1, 1401] && failed.next == 1501)
        #expect(journal.unreadableVerdicts == 1)
        journal.close()
    }
}
