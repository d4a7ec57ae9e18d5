import GRDB

/// Why the journal cannot be opened, read or written, in a sentence that says what to do.
public struct JournalError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What a program may tell apart.
    public enum Code: String, Sendable {
        /// Another process writes to it.
        case inUse
        /// The folder or its files may not be written, or cannot be opened.
        case notAccessible
        case diskFull
        /// Written by a later version.
        case tooNew
        case damaged
        /// A write or an fsync failed: what is on the disk is not known any more.
        case failed
        /// It was closed, or had failed before.
        case closed
        /// An acknowledgement beyond the head, or one consumer more than are allowed.
        case refused
    }

    public let code: Code
    /// What was expected, what was found, where, and what to do.
    public let message: String

    public init(code: Code, message: String) {
        self.code = code
        self.message = message
    }

    public var description: String { message }

    /// What SQLite's error is to a journal.
    init(_ error: any Error, at path: String) {
        if let error = error as? JournalError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(code: .failed, message: "\(path): \(error)")
            return
        }
        let code = Self.code(of: error)
        let text = "\(path): \(error.message ?? "SQLite error") (SQLite \(error.extendedResultCode.rawValue))"
        self.init(code: code, message: text + Self.advice(code))
    }

    /// What SQLite's own sentences do not say.
    private static func advice(_ code: Code) -> String {
        switch code {
        case .notAccessible: "; expected a journal that this user may read and write: look at its owner and its rights"
        case .damaged:
            "; expected a journal as it was written: `scanward run --state` sets it aside, `scanward journal export` reads "
                + "what can be read"
        case .failed: "; look at the disk: the system's log tells of its errors"
        default: ""
        }
    }

    private static func code(of error: DatabaseError) -> Code {
        // A process that ended while it made the database: its rollback journal waits to be played back.
        if error.extendedResultCode == .SQLITE_READONLY_ROLLBACK { return .damaged }
        return switch error.resultCode {
        case .SQLITE_FULL: .diskFull
        case .SQLITE_BUSY, .SQLITE_LOCKED: .inUse
        case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_READONLY, .SQLITE_NOMEM, .SQLITE_AUTH: .notAccessible
        // GRDB's, on a connection that was closed meanwhile.
        case .SQLITE_MISUSE, .SQLITE_ABORT, .SQLITE_INTERRUPT: .closed
        case .SQLITE_IOERR:
            // A short read is a file that ends too early; a write of the index beside the log fails so on a full disk.
            switch error.extendedResultCode {
            case .SQLITE_IOERR_SHORT_READ: .damaged
            case .SQLITE_IOERR_SHMSIZE: .diskFull
            default: .failed
            }
        // All else that a journal's few statements can meet, they meet on a file that is not what they wrote.
        default: .damaged
        }
    }
}
