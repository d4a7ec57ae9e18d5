import GRDB

/// The tables of a journal, and how older ones become the present ones.
///
/// One database is one epoch: what is set aside takes its epoch with it. Every row carries a checksum over its fields.
enum JournalSchema {
    /// Marks the file as ours (`PRAGMA application_id`): "scwd".
    static let applicationID: Int64 = 0x7363_7764
    /// Number of the last migration, also in `PRAGMA user_version`.
    static let version: Int64 = 1

    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 verdicts") { db in
            try db.execute(sql: firstTables)
            try db.execute(sql: "PRAGMA application_id = \(applicationID)")
            try db.execute(sql: "PRAGMA user_version = 1")
        }
        return migrator
    }

    private static let firstTables = """
        CREATE TABLE state (
            id INTEGER PRIMARY KEY CHECK (id = 1), epoch TEXT NOT NULL, generation INTEGER NOT NULL,
            head INTEGER NOT NULL, published INTEGER NOT NULL, crc INTEGER NOT NULL);
        CREATE TABLE verdict (
            seq INTEGER PRIMARY KEY, result_id TEXT NOT NULL UNIQUE, line TEXT NOT NULL, station TEXT NOT NULL,
            source TEXT NOT NULL, session TEXT NOT NULL, part_id TEXT NOT NULL, attempt INTEGER NOT NULL,
            part_type TEXT, evaluation TEXT NOT NULL, decided_ns INTEGER NOT NULL, json BLOB NOT NULL,
            crc INTEGER NOT NULL);
        CREATE TABLE open_part (
            source TEXT NOT NULL, session TEXT NOT NULL, part_id TEXT NOT NULL, attempt INTEGER NOT NULL,
            part_type TEXT, capture_ns INTEGER NOT NULL, opened_ns INTEGER NOT NULL, is_simulated INTEGER NOT NULL,
            crc INTEGER NOT NULL, PRIMARY KEY (source, session, part_id, attempt)) WITHOUT ROWID;
        CREATE TABLE consumer (
            name TEXT PRIMARY KEY, seq INTEGER NOT NULL, changed_ns INTEGER NOT NULL, crc INTEGER NOT NULL)
            WITHOUT ROWID;
        CREATE TABLE model_change (
            id INTEGER PRIMARY KEY, part_type TEXT NOT NULL, old_model TEXT, new_model TEXT,
            config_hash TEXT NOT NULL, changed_ns INTEGER NOT NULL, crc INTEGER NOT NULL);
        CREATE TABLE alert (
            id INTEGER PRIMARY KEY, code TEXT NOT NULL, message TEXT NOT NULL, raised_ns INTEGER NOT NULL,
            crc INTEGER NOT NULL);
        """
}

/// The one row of `state`.
struct JournalState: Sendable, Equatable {
    var epoch: String
    /// Counts commits: the witness beside the database has the same, or commits were lost.
    var generation: UInt64
    /// The last verdict's number, also when that verdict was removed by age.
    var head: UInt64
    /// The last verdict of which it is known that it was handed to subscribers.
    var published: UInt64

    static func read(_ db: Database) throws -> JournalState? {
        guard let row = try Row.fetchOne(db, sql: "SELECT * FROM state WHERE id = 1") else { return nil }
        let state = JournalState(
            epoch: try row.text("epoch"), generation: try row.count("generation"), head: try row.count("head"),
            published: try row.count("published"))
        try row.require(state.checksum, in: "state")
        return state
    }

    func write(_ db: Database) throws {
        try db.cachedStatement(sql: "INSERT OR REPLACE INTO state VALUES (1, ?, ?, ?, ?, ?)").execute(
            arguments: [
                epoch, Int64(stored: generation), Int64(stored: head), Int64(stored: published), checksum,
            ])
    }

    private var checksum: Int64 {
        RowChecksum.of(
            .text(epoch), .integer(Int64(stored: generation)), .integer(Int64(stored: head)),
            .integer(Int64(stored: published)))
    }
}

extension Row {
    /// A row of a damaged file may hold anything: each value is asked for its type.
    func text(_ column: String) throws -> String {
        guard let text = try String.fromDatabaseValue(value(column)) else { throw damaged(column) }
        return text
    }

    func optionalText(_ column: String) throws -> String? {
        let value = try value(column)
        if value.isNull { return nil }
        guard let text = String.fromDatabaseValue(value) else { throw damaged(column) }
        return text
    }

    func count(_ column: String) throws -> UInt64 {
        guard let number = try Int64.fromDatabaseValue(value(column)), number >= 0 else { throw damaged(column) }
        return UInt64(number)
    }

    func bytes(_ column: String) throws -> [UInt8] {
        // An empty blob cannot be told from an empty text; both are no bytes.
        guard case .blob(let data) = try value(column).storage else { throw damaged(column) }
        return [UInt8](data)
    }

    func require(_ checksum: Int64, in table: String) throws {
        guard try Int64.fromDatabaseValue(value("crc")) == checksum else {
            throw JournalError(code: .damaged, message: "a row of \(table) does not have the bytes that were written")
        }
    }

    private func value(_ column: String) throws -> DatabaseValue {
        guard let value = self[column] as DatabaseValue? else { throw damaged(column) }
        return value
    }

    private func damaged(_ column: String) -> JournalError {
        JournalError(code: .damaged, message: "a value of \(column) is not of its kind")
    }
}
