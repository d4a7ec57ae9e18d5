import Yams

extension ConfigurationFile {
    /// Goes over the nodes of a file, beside the keys that there are.
    struct Reading {
        let fileName: String
        var entries: [Entry] = []
        var faults: [ConfigurationFault] = []

        init(fileName: String) { self.fileName = fileName }

        /// Reads what stands in the section `path`.
        mutating func read(_ mapping: Node.Mapping, in path: [String]) {
            for (keyNode, value) in mapping {
                guard let text = keyNode.scalar?.string else {
                    fault(path, keyNode.mark, "expected a name before the ':', found \(Self.title(keyNode))")
                    continue
                }
                let name = path + [text]
                if let key = Self.key(of: name) {
                    if key.isPattern, let refusal = Self.refusal(of: text, in: path, key) {
                        fault(path, keyNode.mark, refusal)
                        continue
                    }
                    read(value, of: key, named: name, at: keyNode.mark)
                } else if Self.isSection(name) {
                    enter(value, section: name, at: keyNode.mark)
                } else {
                    let nearest = Self.nearest(to: name)
                    let sentence =
                        nearest.map { "there is no such key; did you mean \($0)?" }
                        ?? "there is no such key; here there may be: \(Self.names(in: path).joined(separator: ", "))"
                    fault(name, keyNode.mark, sentence, nearest: nearest)
                }
            }
        }

        private mutating func enter(_ value: Node, section name: [String], at mark: Mark?) {
            switch value {
            case .mapping(let mapping): read(mapping, in: name)
            case .scalar(let scalar) where Self.isEmpty(scalar): break
            default:
                let names = Self.names(in: name).joined(separator: ", ")
                fault(
                    name, value.mark ?? mark,
                    "expected a section of its own with \(names), indented by two spaces, found \(Self.title(value))")
            }
        }

        private mutating func read(_ value: Node, of key: ConfigurationKey, named name: [String], at mark: Mark?) {
            var texts: [String] = []
            switch value {
            case .scalar(let scalar):
                // Nothing behind the colon: as if the key were not there.
                if Self.isEmpty(scalar) { return }
                texts = [scalar.string]
            case .sequence(let sequence) where key.kind.isList:
                for node in sequence {
                    guard let scalar = node.scalar else {
                        fault(
                            name, node.mark ?? mark, "expected \(key.kind.expectation), found \(Self.title(node)) in it"
                        )
                        return
                    }
                    texts.append(scalar.string)
                }
            default:
                fault(name, value.mark ?? mark, "expected \(key.kind.expectation), found \(Self.title(value))")
                return
            }
            entries.append(
                Entry(
                    key: key, name: ConfigurationName(name), texts: texts, line: max(1, mark?.line ?? 1),
                    column: max(1, mark?.column ?? 1)))
        }

        mutating func fault(_ path: [String]?, _ mark: Mark?, _ message: String, nearest: String? = nil) {
            let origin = ConfigurationOrigin.file(
                fileName, line: max(1, mark?.line ?? 1), column: max(1, mark?.column ?? 1))
            let key = path.flatMap { $0.isEmpty ? nil : ValueKind.plain($0.joined(separator: ".")) }
            faults.append(.init(key: key, origin: origin, message: message, nearest: nearest))
        }

        /// What a node is, for people.
        static func title(_ node: Node) -> String {
            switch node {
            case .scalar(let scalar): ValueKind.quoted(scalar.string)
            case .sequence: "a list"
            case .mapping: "a section"
            case .alias: "an alias"
            }
        }

        /// Whether nothing, `~` or null stands there.
        static func isEmpty(_ scalar: Node.Scalar) -> Bool {
            scalar.style == .plain && ["", "~", "null", "Null", "NULL"].contains(scalar.string)
        }

        // MARK: The keys there are

        private static func matches(_ pattern: [String], _ path: [String]) -> Bool {
            zip(pattern, path).allSatisfy { $0 == "*" || $0 == $1 }
        }

        static func key(of path: [String]) -> ConfigurationKey? {
            ConfigurationKey.all.first { $0.components.count == path.count && matches($0.components, path) }
        }

        private static func isSection(_ path: [String]) -> Bool {
            ConfigurationKey.all.contains { $0.components.count > path.count && matches($0.components, path) }
        }

        /// What may stand in a section.
        private static func names(in path: [String]) -> [String] {
            var names: [String] = []
            for key in ConfigurationKey.all {
                let parts = key.components
                guard parts.count > path.count, matches(parts, path) else { continue }
                let name = parts[path.count] == "*" ? "NAME" : parts[path.count]
                if !names.contains(name) { names.append(name) }
            }
            return names
        }

        /// The key that was probably meant: a neighbour, or one of another section.
        private static func nearest(to path: [String]) -> String? {
            let section = Array(path.dropLast())
            guard let last = path.last else { return nil }
            // As the option of `run` calls it.
            let option = "--" + last.replacing("_", with: "-")
            if let key = ConfigurationKey.all.first(where: { $0.option == option }) { return key.name }
            if let name = NearestName.of(last, among: names(in: section)) {
                return (section + [name]).joined(separator: ".")
            }
            let elsewhere = ConfigurationKey.all.filter { !$0.isPattern }
            if let key = elsewhere.first(where: { $0.components.last == last }) { return key.name }
            return NearestName.of(path.joined(separator: "."), among: elsewhere.map(\.name))
        }

        /// Why a name that the user chose cannot be one.
        private static func refusal(of name: String, in path: [String], _ key: ConfigurationKey) -> String? {
            guard key.components[path.count] == "*" else { return nil }
            let kind: ValueKind = key == .partTypeByScanner ? .label : .text
            return kind.refusal(of: name)
        }
    }
}
