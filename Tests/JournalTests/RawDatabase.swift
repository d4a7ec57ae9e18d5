import GRDB
import TestPrograms

/// Writes to a journal's database past the journal.
func withRawDatabase(_ folder: ScratchFolder, _ body: (Database) throws -> Void) throws {
    let queue = try DatabaseQueue(path: folder.file("journal.sqlite"))
    try queue.writeWithoutTransaction(body)
    try queue.close()
}
