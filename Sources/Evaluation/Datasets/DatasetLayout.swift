/// Which files of a data set are what: Anomaly-ShapeNet v2 (`<class>/{train,test,GT}`, maybe below `pcd`) and Real3D-AD
/// (`<class>/{train,test,gt}`).
///
/// Clouds are taken from `train` and `test` only: those in the ground truth have another precision, by which anything
/// could tell them apart. Meshes beside them (`obj`) are passed over.
public struct DatasetLayout: Sendable, Equatable {
    public struct PartClass: Sendable, Equatable {
        public var name: String
        /// Relative to the data set; empty where the data set is one class.
        public var folder: String
        /// Paths of the clouds to teach from, by name.
        public var training: [String]
        /// By name.
        public var test: [TestSample]
    }

    public struct TestSample: Sendable, Equatable {
        /// File name without its ending.
        public var name: String
        public var path: String
        /// `good`, or the defect's.
        public var kind: String
        /// Path of the ground truth; `nil` where there is none, as for good parts.
        public var labels: String?

        public var isBad: Bool { kind != SampleName.good }
    }

    /// By name.
    public var classes: [PartClass]
    /// What was left out, and why: sentences.
    public var notes: [String]

    /// - Parameters:
    ///   - paths: of all files, relative to the data set, with `/`.
    ///   - rootName: of the data set's own folder: its class, where it is one.
    public init(paths: [String], rootName: String) {
        var folders: [String: [String]] = [:]
        for path in paths where !path.split(separator: "/").contains(where: { $0.hasPrefix(".") || $0 == "obj" }) {
            let (folder, name) = Self.split(path)
            folders[folder, default: []].append(name)
        }
        classes = []
        notes = []
        let roots = Set(
            folders.keys.filter { ["test", "train"].contains(Self.split($0).name.lowercased()) }
                .map { Self.split($0).folder })
        for root in roots.sorted() {
            let name = root.isEmpty ? rootName : Self.split(root).name
            if let twin = classes.first(where: { $0.name == name }) {
                notes.append(
                    "class \(name) is there twice: \(Self.shown(twin.folder)) is read, \(Self.shown(root)) is left out")
                continue
            }
            read(name, root, folders)
        }
        classes.sort { $0.name < $1.name }
    }

    private mutating func read(_ name: String, _ root: String, _ folders: [String: [String]]) {
        func files(_ wanted: String, _ endings: Set<String>) -> [String] {
            let found = folders.keys.filter { folder in
                let (parent, last) = Self.split(folder)
                return parent == root && last.lowercased() == wanted
            }.sorted()
            return found.flatMap { folder in (folders[folder] ?? []).map { "\(folder)/\($0)" } }
                .filter { endings.contains(Self.ending($0)) }.sorted()
        }
        let training = files("train", Self.clouds)
        let truths = files("gt", Self.texts)
        var samples: [TestSample] = [], templates = 0
        for path in files("test", Self.clouds) {
            let stem = Self.stem(path)
            guard let kind = SampleName.kind(of: stem, in: name) else {
                notes.append("\(path): the name tells no kind of part (such as \(name)_bulge1): left out")
                continue
            }
            guard kind != SampleName.template else {
                templates += 1
                continue
            }
            guard !samples.contains(where: { $0.name == stem }) else {
                notes.append("\(path): another file of the same name is read already: left out")
                continue
            }
            var sample = TestSample(name: stem, path: path, kind: kind, labels: nil)
            if sample.isBad {
                sample.labels = labels(of: stem, in: name, among: truths)
                if sample.labels == nil {
                    notes.append("\(path): no ground truth: it counts for parts, not for points")
                }
            }
            samples.append(sample)
        }
        if templates > 0 { notes.append("\(name): \(templates) templates in test are no test parts") }
        guard !training.isEmpty, !samples.isEmpty else {
            let lacking = training.isEmpty ? "training parts in train" : "test parts in test"
            notes.append("class \(name): expected \(lacking), found none in \(Self.shown(root)): left out")
            return
        }
        classes.append(PartClass(name: name, folder: root, training: training, test: samples))
    }

    /// The truth of the same name; else the only one that differs in how its class is spelled.
    private func labels(of stem: String, in partClass: String, among truths: [String]) -> String? {
        if let exact = truths.first(where: { Self.stem($0) == stem }) { return exact }
        let wanted = SampleName.withoutClass(stem, in: partClass)
        let alike = truths.filter { SampleName.withoutClass(Self.stem($0), in: partClass) == wanted }
        return alike.count == 1 ? alike[0] : nil
    }

    private static let clouds: Set<String> = ["pcd", "ply", "xyz"]
    private static let texts: Set<String> = ["txt", "csv", "xyz", "asc"]

    private static func split(_ path: String) -> (folder: String, name: String) {
        guard let slash = path.lastIndex(of: "/") else { return ("", path) }
        return (String(path[..<slash]), String(path[path.index(after: slash)...]))
    }

    private static func ending(_ path: String) -> String {
        guard let dot = path.lastIndex(of: ".") else { return "" }
        return path[path.index(after: dot)...].lowercased()
    }

    private static func stem(_ path: String) -> String {
        let name = split(path).name
        guard let dot = name.lastIndex(of: "."), dot > name.startIndex else { return name }
        return String(name[..<dot])
    }

    private static func shown(_ folder: String) -> String { folder.isEmpty ? "the data set's own folder" : folder }
}
