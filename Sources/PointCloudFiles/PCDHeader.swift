/// The header of a PCD file, version 0.7 and the older ones.
struct PCDHeader {
    enum Data: String { case ascii, binary, compressed = "binary_compressed" }

    struct Field {
        var name: String
        var type: ScalarType
        var count: Int
        /// Of its first value, in a point's bytes.
        var offset: Int
        /// Of its first value, among a point's values.
        var column: Int
    }

    private(set) var fields: [Field] = []
    private(set) var points = 0
    private(set) var data = Data.ascii
    /// Bytes of a point.
    private(set) var stride = 0
    /// Values of a point.
    private(set) var columns = 0
    /// Where the data start.
    private(set) var end = 0

    /// More values than this in one field, or bytes in one point, are taken for damage.
    private static let limit = 1 << 20

    init(_ bytes: [UInt8]) throws(PointCloudFileError) {
        var scanner = TextScanner(bytes)
        var entries: [String: (words: [String], line: Int)] = [:]
        var line = 0
        while true {
            line += 1
            guard let range = scanner.nextLine(), line <= 100, range.count <= 65536 else {
                throw PointCloudFileError(
                    .header, expected: "a DATA line within the first 100", found: "none", at: .line(line),
                    advice: "this is not a PCD file, or its header is damaged")
            }
            let words = scanner.words(range)
            guard let key = words.first, !key.hasPrefix("#") else { continue }
            entries[key] = (Array(words.dropFirst()), line)
            if key == "DATA" { break }
        }
        end = scanner.position
        try readFields(entries, line)
        try readPoints(entries, line)
        let kind = entries["DATA"]?.words.first ?? "nothing"
        guard let data = Data(rawValue: kind) else {
            throw PointCloudFileError(
                .unsupported, expected: "DATA ascii, binary or binary_compressed", found: "\"\(kind.prefix(24))\"",
                at: .line(line), advice: "write the file anew in one of these")
        }
        self.data = data
    }

    private mutating func readFields(
        _ entries: [String: (words: [String], line: Int)], _ last: Int
    ) throws(PointCloudFileError) {
        guard let names = entries["FIELDS"] ?? entries["COLUMNS"], !names.words.isEmpty, names.words.count <= 4096
        else {
            throw PointCloudFileError(
                .header, expected: "a FIELDS line with names", found: "none", at: .line(last),
                advice: "the header is damaged")
        }
        let n = names.words.count
        let ones = [String](repeating: "1", count: n)
        let lists = [
            ("SIZE", entries["SIZE"]), ("TYPE", entries["TYPE"]), ("COUNT", entries["COUNT"] ?? (ones, last)),
        ]
        for (key, entry) in lists where entry?.words.count != n {
            throw PointCloudFileError(
                .header, expected: "\(n) values of \(key), one for each field", found: "\(entry?.words.count ?? 0)",
                at: .line(entry?.line ?? last), advice: "the header is damaged")
        }
        for i in 0..<n {
            let size = Int(lists[0].1?.words[i] ?? "") ?? 0
            let type = lists[1].1?.words[i] ?? ""
            let count = Int(lists[2].1?.words[i] ?? "") ?? -1
            guard let scalar = ScalarType(pcdType: type, size: size), count >= 0, count <= Self.limit else {
                throw PointCloudFileError(
                    .header, expected: "field \(i + 1) of type I or U of 1, 2, 4, 8 bytes or F of 4, 8, with a count",
                    found: "type \"\(type.prefix(8))\", size \(size), count \(count)",
                    at: .line(lists[0].1?.line ?? last), advice: "the header is damaged")
            }
            fields.append(Field(name: names.words[i], type: scalar, count: count, offset: stride, column: columns))
            stride += scalar.size * count
            columns += count
            guard stride <= Self.limit else {
                throw PointCloudFileError(
                    .header, expected: "points of at most \(Self.limit) bytes", found: "more", at: .line(last),
                    advice: "the header is damaged")
            }
        }
    }

    private mutating func readPoints(
        _ entries: [String: (words: [String], line: Int)], _ last: Int
    ) throws(PointCloudFileError) {
        func value(_ key: String) throws(PointCloudFileError) -> Int? {
            guard let entry = entries[key] else { return nil }
            guard let text = entry.words.first, let value = Int(text), value >= 0 else {
                throw PointCloudFileError(
                    .header, expected: "a number of points after \(key)",
                    found: "\"\(entry.words.first?.prefix(24) ?? "")\"", at: .line(entry.line),
                    advice: "the header is damaged")
            }
            return value
        }
        let width = try value("WIDTH")
        let height = try value("HEIGHT")
        var product: Int?
        if let width {
            let (area, overflow) = width.multipliedReportingOverflow(by: height ?? 1)
            product = overflow ? Int.max : area
        }
        let stated = try value("POINTS")
        guard let count = stated ?? product, product == nil || product == count else {
            throw PointCloudFileError(
                .header, expected: "POINTS equal to WIDTH x HEIGHT",
                found: "\(stated.map(String.init) ?? "none") and \(product.map(String.init) ?? "none")",
                at: .line(entries["POINTS"]?.line ?? last), advice: "the header is damaged")
        }
        guard count < Int(Int32.max) else {
            throw PointCloudFileError(
                .tooLarge, expected: "fewer than 2^31 points", found: "\(count)",
                at: .line(entries["POINTS"]?.line ?? last), advice: "the header is damaged, or the cloud must be split")
        }
        points = count
    }
}
