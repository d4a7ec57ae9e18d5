import Foundation
import MonitorConfiguration
import TestPrograms
import Testing

/// The example file and the page of keys, held to the list of keys in the code.
@Suite struct ConfigurationDocumentTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Program.repository.appending(path: path), encoding: .utf8)
    }

    @Test func theExampleIsSoundAsItIs() throws {
        let file = ConfigurationFile(try text("config/scanward.yaml"), named: "config/scanward.yaml")
        let effective = EffectiveConfiguration(file: file, folder: "config")
        #expect(effective.faults == [])
        let settings = MonitorSettings(effective)
        #expect(settings.models == ["config/../models"] && settings.stateFolder == "config/../state")
    }

    /// What it shows behind a # is sound too, once it is not a comment any more, and every key is in it.
    @Test func theExampleHasEveryKey() throws {
        let lines = try text("config/scanward.yaml").split(separator: "\n", omittingEmptySubsequences: false)
        let keys = Set(ConfigurationKey.all.flatMap(\.components) + ["scanner-a", "bracket"])
        let shown = lines.map { line -> String in
            guard let mark = line.firstIndex(of: "#"), line[..<mark].allSatisfy({ $0 == " " }) else {
                return String(line)
            }
            let content = line[line.index(after: mark)...].drop { $0 == " " }
            guard let colon = content.firstIndex(of: ":"), keys.contains(String(content[..<colon])) else { return "" }
            // `# key` stands where `key` would; what is nested deeper is two spaces further in.
            let depth = line[line.index(after: mark)...].prefix { $0 == " " }.count - 1
            return line[..<mark] + String(repeating: " ", count: max(0, depth)) + content
        }
        let file = ConfigurationFile(shown.joined(separator: "\n"), named: "s.yaml")
        #expect(file.faults == [])
        #expect(Set(file.entries.map(\.key.name)) == Set(ConfigurationKey.all.map(\.name)))
        // Both of a choice are in it.
        let effective = EffectiveConfiguration(file: file, folder: "config")
        #expect(effective.faults.map(\.key) == ["sources.connect", "sources.arrays.source"], "\(effective.faults)")
        for (name, value) in effective.values where value.key.standard != nil {
            #expect(value.texts == [value.key.standard], "\(name) shows its default")
        }
    }

    /// The table of docs/configuration.md, row by row.
    @Test func thePageHasEveryKeyAsItIs() throws {
        let rows = try text("docs/configuration.md").split(separator: "\n").filter {
            $0.hasPrefix("| `") && $0.contains("SCANWARD_") || $0.hasPrefix("| `base_folder`")
        }
        let expected = ConfigurationKey.all.map(Self.row)
        #expect(rows.map(String.init) == expected, "the table must be:\n\(expected.joined(separator: "\n"))")
    }

    static func row(_ key: ConfigurationKey) -> String {
        let name = key.name.replacing("*", with: "NAME")
        let kind = key.kind.title + (key.unit.map { $0 == "score" ? "" : ", \($0)" } ?? "")
        return "| `\(name)` | \(kind) | \(key.standard ?? "") | \(key.option.map { "`\($0)`" } ?? "") | "
            + "\(key.variable.map { "`\($0)`" } ?? "") | \(key.change == .running ? "yes" : "restart") | \(key.summary) |"
    }
}
