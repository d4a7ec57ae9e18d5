import Foundation
import GRDB
import TestPrograms

/// The pages of a database file that is closed, to damage those that a test means
/// (https://www.sqlite.org/fileformat.html#b_tree_pages).
struct DatabasePages {
    private(set) var bytes: [UInt8]
    private let path: String
    private let pageSize: Int

    init(_ folder: ScratchFolder) throws {
        path = folder.file("journal.sqlite")
        bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
        pageSize = Int(bytes[16]) << 8 | Int(bytes[17])
    }

    /// The leaves of a table or an index, in order.
    func leaves(of name: String) throws -> [Int] {
        let queue = try DatabaseQueue(path: path)
        defer { try? queue.close() }
        let root = try queue.read {
            try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_master WHERE name = ?", arguments: [name])
        }
        return root.map(leaves) ?? []
    }

    private func leaves(under page: Int) -> [Int] {
        let start = (page - 1) * pageSize
        let header = page == 1 ? start + 100 : start
        // Interior pages of tables and of indices.
        guard [5, 2].contains(bytes[header]) else { return [page] }
        let cells = (0..<number(at: header + 3, size: 2)).map { cell in
            number(at: start + number(at: header + 12 + 2 * cell, size: 2), size: 4)
        }
        return (cells + [number(at: header + 8, size: 4)]).flatMap(leaves)
    }

    private func number(at offset: Int, size: Int) -> Int {
        bytes[offset..<(offset + size)].reduce(0) { $0 << 8 | Int($1) }
    }

    /// Writes noise over pages.
    mutating func destroy(_ pages: [Int]) throws {
        for page in pages {
            for place in ((page - 1) * pageSize)..<(page * pageSize) { bytes[place] = 0xA5 }
        }
        try Data(bytes).write(to: URL(filePath: path))
    }
}
