internal import CKernels

extension TextScanner {
    /// Reads lines of plain decimal numbers between single blanks, as many as there are before one that is anything else,
    /// and goes past them.
    ///
    /// - Parameters:
    ///   - places: of each number in a line the column that it goes to, or -1.
    ///   - room: rows of a column in `values`, no fewer than the lines that the bytes can hold.
    ///   - points: the most lines to read.
    ///   - offsets: subtracted from each column, in Double.
    ///   - values: by column, then line. Shape [columns, room].
    /// - Returns: how many were read.
    mutating func plainLines(
        places: [Int], room: Int, points: Int, minus offsets: [Double], into values: inout [Float]
    ) -> Int {
        var read: Int64 = 0
        let end = text_plain_lines(
            bytes, Int64(bytes.count), Int64(position), places.map { Int32($0) }, Int32(places.count), offsets, &values,
            Int64(room), Int64(min(points, room)), &read)
        position = Int(end)
        return Int(read)
    }
}
