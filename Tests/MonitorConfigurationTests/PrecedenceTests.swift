import MonitorConfiguration
import Testing

@Suite struct PrecedenceTests {
    private let file = ConfigurationFile(
        """
        line: from-file
        station: from-file
        models: [a, b]
        limits:
          open_parts: 3
          frames_per_part: 30
        part_types:
          bracket: {threshold: 2.5}
        """, named: "s.yaml")

    private func origin(_ key: ConfigurationKey, in effective: EffectiveConfiguration) -> ConfigurationOrigin? {
        effective.value(key)?.origin
    }

    @Test func optionsGoBeforeEnvironmentBeforeFileBeforeDefaults() {
        let effective = EffectiveConfiguration(
            options: [.openParts: ["5"], .models: ["c"]],
            environment: [
                "SCANWARD_LIMITS_OPEN_PARTS": "4", "SCANWARD_STATION": "from-environment", "SCANWARD_LINE": "",
                "PATH": "/bin",
            ], file: file)
        #expect(effective.faults == [])
        #expect(effective.text(.openParts) == "5" && origin(.openParts, in: effective) == .option("--max-open-parts"))
        #expect(effective.value(.models)?.texts == ["c"], "a list is replaced whole")
        #expect(effective.text(.station) == "from-environment")
        #expect(origin(.station, in: effective) == .environment("SCANWARD_STATION"))
        #expect(effective.text(.line) == "from-file", "an empty variable says nothing")
        #expect(origin(.line, in: effective) == .file("s.yaml", line: 1, column: 1))
        #expect(origin(.framesPerPart, in: effective) == .file("s.yaml", line: 6, column: 3))
        #expect(effective.text(.pointsPerPart) == "16777216" && origin(.pointsPerPart, in: effective) == .standard)
        let settings = MonitorSettings(effective)
        #expect(
            settings.openParts == 5 && settings.framesPerPart == 30 && settings.input == .bind("tcp://127.0.0.1:5600"))
        #expect(settings.partTypes == [.init(name: "bracket", model: nil, threshold: 2.5)])
    }

    /// Every key takes its variable, as swift-configuration spells it.
    @Test(arguments: ConfigurationKey.all.filter { $0 != .baseFolder && !$0.isPattern })
    func everyKeyHasAVariable(key: ConfigurationKey) throws {
        let variable = try #require(key.variable)
        let text = Self.example(key)
        var environment = ["SCANWARD_STATE_FOLDER": "s"]
        environment[variable] = text
        let effective = EffectiveConfiguration(
            options: [.models: ["m"]].filter { $0.key != key }, environment: environment)
        #expect(
            !effective.faults.contains { $0.origin == .environment(variable) && $0.nearest != nil },
            "\(effective.faults)")
        if effective.errors.isEmpty {
            #expect(effective.value(key)?.texts == [text] && origin(key, in: effective) == .environment(variable))
        } else {
            // Those that need others beside them say so of themselves.
            #expect(effective.errors.contains { $0.key == key.name }, "\(effective.errors)")
        }
    }

    /// A value of the kind.
    static func example(_ key: ConfigurationKey) -> String {
        switch key.kind {
        case .label, .text, .names: "name"
        case .endpoint, .endpointOrNone, .endpoints: "ipc:///tmp/\(key.name)"
        case .addressOrNone: "127.0.0.1:80"
        case .servers: "nats://10.0.0.5:4222"
        case .path, .paths, .curveKeys: "some/path"
        case .number, .whole: "7"
        case .flag: "true"
        case .choice(let words): words[0]
        }
    }

    @Test func theEnvironmentSaysMoreOfPartTypesThatTheFileNames() {
        let effective = EffectiveConfiguration(
            environment: [
                "SCANWARD_PART_TYPES_BRACKET_THRESHOLD": "9", "SCANWARD_PART_TYPES_BRACKET_MODEL": "models/b",
            ], file: file)
        #expect(effective.faults == [])
        #expect(
            MonitorSettings(effective).partTypes == [.init(name: "bracket", model: "models/b", threshold: 9)])
    }

    @Test func listsInTheEnvironmentAreSeparatedByCommas() {
        let effective = EffectiveConfiguration(environment: [
            "SCANWARD_MODELS": "a,b", "SCANWARD_SOURCES_CONNECT": "tcp://10.0.0.1:1,tcp://10.0.0.2:2",
        ])
        #expect(effective.faults == [])
        #expect(MonitorSettings(effective).models == ["a", "b"])
        #expect(MonitorSettings(effective).input == .connect(["tcp://10.0.0.1:1", "tcp://10.0.0.2:2"]))
    }

    @Test func bindAndConnectReplaceEachOtherAcrossOrigins() {
        let file = ConfigurationFile("models: m\nsources: {connect: [tcp://10.0.0.1:1]}", named: "s.yaml")
        #expect(MonitorSettings(EffectiveConfiguration(file: file)).input == .connect(["tcp://10.0.0.1:1"]))
        let effective = EffectiveConfiguration(options: [.bind: ["tcp://127.0.0.1:9"]], file: file)
        #expect(effective.faults == [] && MonitorSettings(effective).input == .bind("tcp://127.0.0.1:9"))
        let recording = EffectiveConfiguration(file: file, usesSources: false)
        #expect(recording.faults == [] && MonitorSettings(recording).input == nil)
    }

    @Test func pathsOfTheFileBeginAtItsBaseFolder() {
        let text = "base_folder: ..\nmodels: [models, /opt/m]\nstate: {folder: state}\naccess: {curve_secret_file: k}"
        let effective = EffectiveConfiguration(
            options: [.heatmapFolder: ["maps"]], file: ConfigurationFile(text, named: "s.yaml"), folder: "/etc/scanward"
        )
        let settings = MonitorSettings(effective)
        #expect(settings.models == ["/etc/scanward/../models", "/opt/m"])
        #expect(settings.stateFolder == "/etc/scanward/../state" && settings.curveSecretFile == "/etc/scanward/../k")
        #expect(settings.heatmapFolder == "maps", "an option's path is the caller's")
        let plain = EffectiveConfiguration(file: ConfigurationFile("models: models", named: "s.yaml"), folder: "conf")
        #expect(MonitorSettings(plain).models == ["conf/models"])
    }

    @Test func whatDiffersIsTold() {
        let before = EffectiveConfiguration(file: file)
        let after = EffectiveConfiguration(
            file: ConfigurationFile(
                "line: other\nstation: from-file\nmodels: [a, b]\nlimits: {open_parts: 3, frames_per_part: 30}",
                named: "s.yaml"))
        let differences = before.differences(to: after)
        #expect(differences.map(\.name.description) == ["line", "part_types.bracket.threshold"])
        #expect(differences.map(\.after) == ["other", nil] && differences.map(\.before) == ["from-file", "2.5"])
        #expect(differences[0].key.change == .restart && differences[1].key.change == .running)
        #expect(before.differences(to: before) == [])
    }
}
