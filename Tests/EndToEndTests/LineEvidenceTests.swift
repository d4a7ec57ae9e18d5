import Foundation
import Journal
import TestPrograms
import Testing
import Threads
import ZeroMQ

@testable import scanward

/// What a doctor takes from a monitor's journal.
@Suite struct LineEvidenceTests {
    /// A key that was refused and is on the list now is no trouble any more; another one still is.
    @Test func aRefusedKeyThatWasAllowedSinceIsForgotten() throws {
        let folder = try ScratchFolder("evidence")
        let keys = try (0..<2).map { _ in try CurveKeyPair.generate().publicKey }
        let now = SystemClock.unixNanoseconds
        let journal = try Journal.open(.init(folder: StateFolder(folder.path)))
        for key in keys {
            let message = SocketAccess.refusal(of: key.text) + "from 10.0.0.7: not on the allow-list"
            journal.append(.alert(.init(code: "key_refused", message: message, nanoseconds: now)))
        }
        journal.close()
        let reader = try JournalReader(opening: StateFolder(folder.path).database)
        func refused(_ allowed: AllowList) throws -> [String] {
            try LineEvidence(journal: reader, path: folder.path, now: now, allowed: allowed).refusedPeers
        }
        #expect(try refused(AllowList()).count == 2)
        let allowed = try AllowList(text: "scanner-a \(keys[0].text)\n")
        #expect(try refused(allowed).count == 1)
        #expect(try refused(allowed).first?.contains(keys[1].text) ?? false)
        let both = try AllowList(text: "scanner-a \(keys[0].text)\nscanner-b \(keys[1].text)\n")
        #expect(try refused(both).isEmpty)
    }
}
