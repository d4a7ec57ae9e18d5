import Ingest
import MonitorConfiguration

/// What a verdict follows from beside its frames. A part is closed and judged by one of them: what a reload brings begins
/// with the next part that is closed.
struct ScoringConfiguration: Sendable {
    /// Counts the reloads that changed something.
    let generation: Int
    let catalog: ModelCatalog
    let limits: AssemblyLimits
    /// For parts whose frames name no type: by scanner, or else for all.
    let partTypeByScanner: [String: String]
    let partType: String?
    /// All of it as one short digest.
    let hash: String

    init(_ settings: MonitorSettings, catalog: ModelCatalog, generation: Int = 0) {
        self.generation = generation
        self.catalog = catalog
        limits = settings.limits
        partTypeByScanner = settings.partTypeByScanner
        partType = settings.partType
        var lines = [
            "models=\(catalog.modelIDs.joined(separator: ","))", "default_part_type=\(partType ?? "")",
            "idle_deadline=\(limits.idleDeadline)", "total_deadline=\(limits.totalDeadline)",
            "frames=\(limits.maximumFrames)", "points=\(limits.maximumPoints)", "open=\(limits.maximumOpenParts)",
        ]
        if limits.toleratedRefusals > 0 { lines.append("refused=\(limits.toleratedRefusals)") }
        for type in settings.partTypes {
            if type.model != nil {
                lines.append("model[\(type.name)]=\(catalog.entry(for: type.name)?.identity.id ?? "")")
            }
            if let threshold = type.threshold { lines.append("threshold[\(type.name)]=\(threshold)") }
        }
        for (scanner, type) in partTypeByScanner.sorted(by: { $0.key < $1.key }) {
            lines.append("default_part_type[\(scanner)]=\(type)")
        }
        hash = String(sha256([UInt8](lines.joined(separator: "\n").utf8)).prefix(16))
    }

    /// For parts that come from files.
    init(catalog: ModelCatalog, partType: String?) {
        generation = 0
        self.catalog = catalog
        limits = AssemblyLimits()
        partTypeByScanner = [:]
        self.partType = partType
        hash = "offline"
    }

    /// The type that a part is judged as; nil where neither its frames nor the configuration name one.
    func partType(of part: AssembledPart) -> String? { part.partType ?? partTypeByScanner[part.source] ?? partType }
}
