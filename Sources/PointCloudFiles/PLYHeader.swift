/// The header of a PLY file.
struct PLYHeader {
    enum Data { case ascii, little, big }

    struct Property {
        var name: String
        var type: ScalarType
        /// Of a list: the type of its length.
        var lengthType: ScalarType?
    }

    struct Element {
        var name: String
        var count: Int
        var properties: [Property] = []

        /// Bytes of one; nil with a list among its properties.
        var stride: Int? {
            properties.contains { $0.lengthType != nil } ? nil : properties.reduce(0) { $0 + $1.type.size }
        }
    }

    private(set) var data = Data.ascii
    private(set) var elements: [Element] = []
    /// Where the data start.
    private(set) var end = 0

    init(_ bytes: [UInt8]) throws(PointCloudFileError) {
        var scanner = TextScanner(bytes)
        guard let first = scanner.nextLine(), scanner.string(first) == "ply" else {
            throw PointCloudFileError(
                .header, expected: "\"ply\" in the first line", found: "something else", at: .line(1),
                advice: "this is not a PLY file")
        }
        var line = 1
        var hasFormat = false
        while true {
            line += 1
            guard let range = scanner.nextLine(), line <= 10_000, range.count <= 65536 else {
                throw PointCloudFileError(
                    .header, expected: "an end_header line", found: "none", at: .line(line),
                    advice: "this is not a PLY file, or it was cut off")
            }
            let words = scanner.words(range)
            switch words.first {
            case nil, "comment", "obj_info": continue
            case "format":
                try readFormat(words, line)
                hasFormat = true
            case "element": try readElement(words, line)
            case "property": try readProperty(words, line)
            case "end_header":
                guard hasFormat else {
                    throw PointCloudFileError(
                        .header, expected: "a format line", found: "none", at: .line(line),
                        advice: "the header is damaged")
                }
                end = scanner.position
                return
            case let word?:
                throw PointCloudFileError(
                    .header, expected: "format, comment, element, property or end_header",
                    found: "\"\(word.prefix(24))\"", at: .line(line), advice: "the header is damaged")
            }
        }
    }

    private mutating func readFormat(_ words: [String], _ line: Int) throws(PointCloudFileError) {
        switch words.count > 1 ? words[1] : "" {
        case "ascii": data = .ascii
        case "binary_little_endian": data = .little
        case "binary_big_endian": data = .big
        case let other:
            throw PointCloudFileError(
                .unsupported, expected: "format ascii, binary_little_endian or binary_big_endian",
                found: "\"\(other.prefix(24))\"", at: .line(line), advice: "write the file anew in one of these")
        }
    }

    private mutating func readElement(_ words: [String], _ line: Int) throws(PointCloudFileError) {
        guard words.count == 3, let count = Int(words[2]), count >= 0, elements.count < 1000 else {
            throw PointCloudFileError(
                .header, expected: "element, its name and its number",
                found: "\"\(words.joined(separator: " ").prefix(40))\"", at: .line(line),
                advice: "the header is damaged")
        }
        elements.append(Element(name: words[1], count: count))
    }

    private mutating func readProperty(_ words: [String], _ line: Int) throws(PointCloudFileError) {
        guard let element = elements.indices.last else {
            throw PointCloudFileError(
                .header, expected: "an element before its properties", found: "a property", at: .line(line),
                advice: "the header is damaged")
        }
        if words.count == 3, let type = ScalarType(plyName: words[1]) {
            elements[element].properties.append(Property(name: words[2], type: type))
        } else if words.count == 5, words[1] == "list", let length = ScalarType(plyName: words[2]),
            length != .float32, length != .float64, let type = ScalarType(plyName: words[3])
        {
            elements[element].properties.append(Property(name: words[4], type: type, lengthType: length))
        } else {
            throw PointCloudFileError(
                .header, expected: "property, a type and a name (or list, two types and a name)",
                found: "\"\(words.joined(separator: " ").prefix(40))\"", at: .line(line),
                advice: "the header is damaged")
        }
    }
}
