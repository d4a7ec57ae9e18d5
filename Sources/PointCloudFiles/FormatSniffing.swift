extension PointCloudFile.Format {
    /// By the first bytes, and the size where that tells (binary STL); text that nothing else claims is `xyz`.
    init(sniffing bytes: [UInt8]) {
        let start = String(decoding: bytes.prefix(16), as: UTF8.self)
        if start.hasPrefix("ply\n") || start.hasPrefix("ply\r") {
            self = .ply
        } else if ["# .PCD", "VERSION", "FIELDS"].contains(where: start.hasPrefix) {
            self = .pcd
        } else if STLReader.hasBinarySize(bytes) || STLReader.isText(bytes) {
            self = .stl
        } else if Self.looksLikeOBJ(bytes) {
            self = .obj
        } else {
            self = .xyz
        }
    }

    /// Among the first lines one is `v` and a number, and those before it are OBJ's as well.
    private static func looksLikeOBJ(_ bytes: [UInt8]) -> Bool {
        let first = OBJReader.joiningLines(Array(bytes.prefix(1 << 16)))
        var scanner = TextScanner(first, at: TextScanner.startOfText(first))
        while true {
            scanner.skipBlanks(lines: true)
            guard !scanner.isAtEnd else { return false }
            if !scanner.take(UInt8(ascii: "#")) {
                if scanner.take(word: "v") {
                    scanner.skipBlanks(lines: false)
                    return scanner.number() != nil
                }
                guard OBJReader.passedOver.contains(scanner.string(scanner.token())) else { return false }
            }
            scanner.skipLine()
        }
    }
}

extension TextScanner {
    /// Past a byte order mark.
    static func startOfText(_ bytes: [UInt8]) -> Int { bytes.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0 }
}
