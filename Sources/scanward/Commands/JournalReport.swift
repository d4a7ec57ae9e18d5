import Journal

/// What `journal check` and `journal compact` say, for programs.
enum JournalReport {
    struct Check: Encodable {
        struct Part: Encodable {
            let source: String, session: String, partID: String
            let attempt: Int
        }

        struct Consumer: Encodable {
            let name: String
            let seq: UInt64
            /// Verdicts that it has not acknowledged.
            let behind: UInt64
        }

        struct Change: Encodable {
            let partType: String, from: String?, to: String?
            let changedNs: UInt64
        }

        struct Alert: Encodable {
            let code: String, message: String
            let toldNs: UInt64
        }

        let isSound: Bool
        let problems: [String]
        let epoch: String?
        let first: UInt64?, last: UInt64?
        let head: UInt64, published: UInt64
        let checkedVerdicts: Int
        let openParts: [Part]
        let consumers: [Consumer]
        let modelChanges: [Change]
        let alerts: [Alert]
        let setAside: [String]

        init(_ check: JournalCheck, setAside: [String]) {
            isSound = check.problems.isEmpty
            problems = check.problems
            epoch = check.epoch
            first = check.verdicts?.lowerBound
            last = check.verdicts?.upperBound
            head = check.head
            published = check.published
            checkedVerdicts = check.checkedVerdicts
            openParts = check.openParts.map {
                Part(source: $0.key.source, session: $0.key.session, partID: $0.key.partID, attempt: $0.key.attempt)
            }
            consumers = check.consumers.map {
                Consumer(name: $0.name, seq: $0.seq, behind: check.head - min(check.head, $0.seq))
            }
            modelChanges = check.modelChanges.map {
                Change(partType: $0.partType, from: $0.from, to: $0.to, changedNs: $0.nanoseconds)
            }
            alerts = check.alerts.map { Alert(code: $0.code, message: $0.message, toldNs: $0.nanoseconds) }
            self.setAside = setAside
        }
    }

    struct Compaction: Encodable {
        let removed: Int, left: Int
        let bytesBefore: UInt64, bytesAfter: UInt64
    }
}
