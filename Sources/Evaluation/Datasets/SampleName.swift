/// What a sample's file name tells, in the manner of Anomaly-ShapeNet and Real3D-AD.
public enum SampleName {
    /// Kind of a good part.
    public static let good = "good"
    /// Kind of a part to teach from.
    public static let template = "template"

    /// `cup0_bulge3` -> bulge, `desk_positive1` -> good, `5_sink_cut` -> sink, `cup0_template2` -> template; `nil` where the
    /// name tells none.
    ///
    /// Read from the end, so that it does not matter how the file spells its class: `desk_bulge1` lies in `desk0` too.
    public static func kind(of name: String, in partClass: String) -> String? {
        var parts = name.lowercased().split(separator: "_").map(String.init)
        let spellings = spellings(partClass)
        while let last = parts.popLast() {
            if spellings.contains(last) { return nil }
            let word = String(last.prefix { $0.isLetter })
            // A number by itself is a counter; `cut` marks a scan of one side.
            guard !word.isEmpty, !(word == "cut" && !parts.isEmpty) else { continue }
            switch word {
            case "positive", "good", "normal": return good
            case "template", "temp", "prototype": return template
            default: return word
            }
        }
        return nil
    }

    /// The name without its class, however that is spelled.
    static func withoutClass(_ name: String, in partClass: String) -> String {
        let lower = name.lowercased()
        for spelling in spellings(partClass) where lower.hasPrefix(spelling + "_") {
            return String(lower.dropFirst(spelling.count + 1))
        }
        return lower
    }

    /// With and without the class's number: longest first.
    private static func spellings(_ partClass: String) -> [String] {
        let full = partClass.lowercased()
        var bare = Substring(full)
        while let last = bare.last, last.isNumber { bare.removeLast() }
        return bare.isEmpty || bare.count == full.count ? [full] : [full, String(bare)]
    }
}
