import Foundation
import GRDB

extension JournalVerdict {
    func insert(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO verdict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                Int64(stored: seq), resultID, line, station, part.source, part.session, part.partID, part.attempt,
                partType, evaluation, Int64(stored: decidedNanoseconds), Data(json), checksum,
            ])
        try part.deleteOpen(db)
    }

    init(_ row: Row) throws {
        self.init(
            seq: try row.count("seq"), resultID: try row.text("result_id"), line: try row.text("line"),
            station: try row.text("station"), part: try PartKey(row), partType: try row.optionalText("part_type"),
            evaluation: try row.text("evaluation"), decidedNanoseconds: try row.count("decided_ns"),
            json: try row.bytes("json"))
        try row.require(checksum, in: "verdict")
    }

    private var checksum: Int64 {
        RowChecksum.of(
            .integer(Int64(stored: seq)), .text(resultID), .text(line), .text(station), .text(part.source),
            .text(part.session), .text(part.partID), .integer(Int64(part.attempt)), .text(partType),
            .text(evaluation), .integer(Int64(stored: decidedNanoseconds)), .bytes(json))
    }
}

extension PartKey {
    init(_ row: Row) throws {
        self.init(
            source: try row.text("source"), session: try row.text("session"), partID: try row.text("part_id"),
            attempt: Int(clamping: try row.count("attempt")))
    }

    func deleteOpen(_ db: Database) throws {
        try db.cachedStatement(
            sql: "DELETE FROM open_part WHERE source = ? AND session = ? AND part_id = ? AND attempt = ?"
        ).execute(arguments: [source, session, partID, attempt])
    }
}

extension OpenedPart {
    func insert(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR IGNORE INTO open_part VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [
                key.source, key.session, key.partID, key.attempt, partType, Int64(stored: captureNanoseconds),
                Int64(stored: openedNanoseconds), isSimulated, checksum,
            ])
    }

    init(_ row: Row) throws {
        self.init(
            key: try PartKey(row), partType: try row.optionalText("part_type"),
            captureNanoseconds: try row.count("capture_ns"), openedNanoseconds: try row.count("opened_ns"),
            isSimulated: try row.count("is_simulated") != 0)
        try row.require(checksum, in: "open_part")
    }

    private var checksum: Int64 {
        RowChecksum.of(
            .text(key.source), .text(key.session), .text(key.partID), .integer(Int64(key.attempt)), .text(partType),
            .integer(Int64(stored: captureNanoseconds)), .integer(Int64(stored: openedNanoseconds)),
            .integer(isSimulated ? 1 : 0))
    }
}

extension ConsumerCursor {
    func write(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO consumer VALUES (?, ?, ?, ?)").execute(
            arguments: [name, Int64(stored: seq), Int64(stored: changedNanoseconds), checksum])
    }

    init(_ row: Row) throws {
        self.init(
            name: try row.text("name"), seq: try row.count("seq"), changedNanoseconds: try row.count("changed_ns"))
        try row.require(checksum, in: "consumer")
    }

    private var checksum: Int64 {
        RowChecksum.of(.text(name), .integer(Int64(stored: seq)), .integer(Int64(stored: changedNanoseconds)))
    }
}

extension ModelChange {
    func insert(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO model_change VALUES (NULL, ?, ?, ?, ?, ?, ?)").execute(
            arguments: [partType, from, to, configHash, Int64(stored: nanoseconds), checksum])
        try db.cachedStatement(sql: "DELETE FROM model_change WHERE id <= (SELECT max(id) FROM model_change) - ?")
            .execute(arguments: [JournalAlert.kept])
    }

    init(_ row: Row) throws {
        self.init(
            partType: try row.text("part_type"), from: try row.optionalText("old_model"),
            to: try row.optionalText("new_model"), configHash: try row.text("config_hash"),
            nanoseconds: try row.count("changed_ns"))
        try row.require(checksum, in: "model_change")
    }

    private var checksum: Int64 {
        RowChecksum.of(
            .text(partType), .text(from), .text(to), .text(configHash), .integer(Int64(stored: nanoseconds)))
    }
}

extension JournalAlert {
    /// Alerts kept, and changes of models: the last ones.
    fileprivate static let kept = 10_000

    func insert(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT INTO alert VALUES (NULL, ?, ?, ?, ?)").execute(
            arguments: [code, message, Int64(stored: nanoseconds), checksum])
        try db.cachedStatement(sql: "DELETE FROM alert WHERE id <= (SELECT max(id) FROM alert) - ?").execute(
            arguments: [Self.kept])
    }

    init(_ row: Row) throws {
        self.init(code: try row.text("code"), message: try row.text("message"), nanoseconds: try row.count("raised_ns"))
        try row.require(checksum, in: "alert")
    }

    private var checksum: Int64 {
        RowChecksum.of(.text(code), .text(message), .integer(Int64(stored: nanoseconds)))
    }
}
