/// Everything that a configuration says, in the types that it is used in; what it may be is in `ConfigurationKey`.
public struct MonitorSettings: Sendable, Equatable {
    public enum Input: Sendable, Equatable {
        case bind(String)
        case connect([String])
    }

    /// What is said of one part type.
    public struct PartType: Sendable, Equatable {
        public let name: String
        public var model: String?
        public var threshold: Double?

        public init(name: String, model: String? = nil, threshold: Double? = nil) {
            self.name = name
            self.model = model
            self.threshold = threshold
        }
    }

    public var line: String
    public var station: String
    /// nil where frames come from a recording.
    public var input: Input?
    public var serverKeys: [String]
    public var partType: String?
    public var partTypeByScanner: [String: String] = [:]
    /// Whose bare arrays are taken as frames, and how.
    public var arraySource: String?
    public var arrayUnit: String?
    public var arrayGapSeconds: Double?
    public var curveSecretFile: String?
    public var allowListFile: String?
    public var allowInsecure: Bool
    public var models: [String]
    /// By name.
    public var partTypes: [PartType]
    public var publish: String?
    public var replay: String?
    public var http: HostAndPort?
    /// Whether somebody asked for it: then one that cannot listen ends the monitor.
    public var isHTTPGiven: Bool
    public var httpNames: [String]
    public var threeFolder: String
    public var tokensFile: String?
    public var heatmapFolder: String?
    public var partDeadlineSeconds: Double
    public var openParts: Int
    public var framesPerPart: Int
    public var pointsPerPart: Int
    public var refusedFramesPerPart: Int
    public var threads: Int?
    public var stateFolder: String?
    public var keepDays: Double
    public var keepMiB: Int
    public var fleet: FleetSettings

    /// Of a configuration without errors; where there are some, what is wrong is as if it were not said.
    public init(_ effective: EffectiveConfiguration) {
        func number(_ key: ConfigurationKey) -> Double {
            effective.text(key).flatMap(Double.init) ?? key.standard.flatMap(Double.init) ?? 0
        }
        func whole(_ key: ConfigurationKey) -> Int {
            effective.text(key).flatMap { Int($0) } ?? key.standard.flatMap { Int($0) } ?? 0
        }
        line = effective.text(.line) ?? ""
        station = effective.text(.station) ?? ""
        input = effective.value(.connect).map { .connect($0.texts) } ?? effective.text(.bind).map { .bind($0) }
        serverKeys = effective.value(.serverKeys)?.texts ?? []
        partType = effective.text(.partType)
        arraySource = effective.text(.arraySource)
        arrayUnit = effective.text(.arrayUnit)
        arrayGapSeconds = effective.text(.arrayGap).flatMap(Double.init)
        curveSecretFile = effective.text(.curveSecretFile)
        allowListFile = effective.text(.allowListFile)
        allowInsecure = effective.text(.allowInsecure) == "true"
        models = effective.value(.models)?.texts ?? []
        publish = effective.some(.publish)
        replay = effective.some(.replay)
        http = effective.some(.http).flatMap { HostAndPort($0) }
        isHTTPGiven = (effective.value(.http)?.origin.rank ?? 0) > 0
        httpNames = effective.value(.httpNames)?.texts ?? []
        threeFolder = effective.text(.threeFolder) ?? ""
        tokensFile = effective.text(.tokensFile)
        heatmapFolder = effective.text(.heatmapFolder)
        partDeadlineSeconds = number(.partDeadline)
        openParts = whole(.openParts)
        framesPerPart = whole(.framesPerPart)
        pointsPerPart = whole(.pointsPerPart)
        refusedFramesPerPart = whole(.refusedFrames)
        threads = effective.text(.threads).flatMap { Int($0) }
        stateFolder = effective.text(.stateFolder)
        keepDays = number(.keepDays)
        keepMiB = whole(.keepSize)
        fleet = FleetSettings(
            role: effective.text(.role).flatMap(FleetSettings.Role.init) ?? .all,
            servers: effective.value(.natsServers)?.texts ?? [],
            credentialsFile: effective.text(.natsCredentials), caFile: effective.text(.natsCA),
            certificateFile: effective.text(.natsCertificate), keyFile: effective.text(.natsKey),
            leaseSeconds: number(.lease), deadlineSeconds: number(.poolDeadline), spoolMiB: whole(.spoolSize),
            scoresLocally: effective.text(.whenAway) == "local")
        var types: [String: PartType] = [:]
        for (name, value) in effective.values {
            guard value.key.isPattern, name.components.count > value.key.components.count - 1,
                let place = value.key.components.firstIndex(of: "*")
            else { continue }
            let chosen = name.components[place]
            switch value.key {
            case .partTypeByScanner: partTypeByScanner[chosen] = value.texts.first
            case .partTypeModel: types[chosen, default: PartType(name: chosen)].model = value.texts.first
            case .partTypeThreshold:
                types[chosen, default: PartType(name: chosen)].threshold = value.texts.first.flatMap(Double.init)
            default: break
            }
        }
        partTypes = types.values.sorted { $0.name < $1.name }
    }
}

extension EffectiveConfiguration {
    /// A key whose value differs.
    public struct Difference: Sendable, Equatable {
        public let name: ConfigurationName
        public let key: ConfigurationKey
        /// As texts; nil where nothing is said.
        public let before: String?
        public let after: String?
    }

    /// What differs from here to `other`, in the order of the keys.
    public func differences(to other: EffectiveConfiguration) -> [Difference] {
        let names = Set(values.keys).union(other.values.keys)
        return names.compactMap { name -> Difference? in
            let before = values[name]?.texts, after = other.values[name]?.texts
            guard before != after, let key = (values[name] ?? other.values[name])?.key, key != .baseFolder else {
                return nil
            }
            return Difference(
                name: name, key: key, before: before?.joined(separator: ", "), after: after?.joined(separator: ", "))
        }.sorted {
            (ConfigurationKey.place($0.key), $0.name.description)
                < (ConfigurationKey.place($1.key), $1.name.description)
        }
    }
}
