import MonitorConfiguration
import Testing

@Suite struct ConfigurationFaultTests {
    /// Faults of a file's text, as people read them.
    private func faults(_ text: String, environment: [String: String] = [:]) -> [String] {
        EffectiveConfiguration(environment: environment, file: ConfigurationFile(text, named: "s.yaml")).faults
            .map(\.description)
    }

    @Test func everyFaultIsNamedWithItsLineInOneGo() {
        let found = faults(
            """
            lien: line2
            models: [models]
            limits:
              open_parts: many
              part_deadline: 5
              frames_per_part: 0
            sources:
              bind: tcp//10.0.0.1
            sinks: tcp://127.0.0.1:5601
            access: {allow_insecure: maybe}
            part_types:
              bracket: {threshold: -1}
            """)
        #expect(
            found == [
                "s.yaml:1: lien: there is no such key; did you mean line?",
                "s.yaml:4: limits.open_parts: expected a whole number from 1 to 100000, found \"many\"",
                "s.yaml:5: limits.part_deadline: there is no such key; did you mean limits.part_deadline_s?",
                "s.yaml:6: limits.frames_per_part: expected a whole number from 1 to 100000000, found \"0\"",
                "s.yaml:8: sources.bind: expected an endpoint such as tcp://127.0.0.1:5600 or ipc:///run/scanward/frames, "
                    + "found \"tcp//10.0.0.1\"",
                "s.yaml:9: sinks: expected a section of its own with publish, replay, http, http_names, three_folder, "
                    + "heatmap_folder, indented by two spaces, found \"tcp://127.0.0.1:5601\"",
                "s.yaml:10: access.allow_insecure: expected true or false, found \"maybe\"",
                "s.yaml:12: part_types.bracket.threshold: expected a number above 0 and below 1000000000, found \"-1\"",
            ])
    }

    @Test(arguments: [
        ("thresold: 3\nmodels: m", "part_types", false),
        ("bind: tcp://127.0.0.1:1\nmodels: m", "sources.bind", true),
        ("limits: {max_frames: 3}\nmodels: m", "limits.frames_per_part", true),
        ("limits: {open_prats: 3}\nmodels: m", "limits.open_parts", true),
        ("models: m\nstate: {keep_Days: 3}", "state.keep_days", true),
        (
            "models: m\nxyzzy: 3",
            "line, station, base_folder, sources, access, models, part_types, sinks, limits, state", false
        ),
    ])
    func theNearestKeyIsNamed(text: String, names: String, isNearest: Bool) {
        let file = ConfigurationFile(text, named: "s.yaml")
        #expect(file.faults.count == 1)
        #expect(file.faults[0].message.contains(names), "\(file.faults[0].message)")
        #expect((file.faults[0].nearest == names) == isNearest)
    }

    @Test(arguments: [
        ("models: [m\n", 2, "expected YAML"), ("models:\n\t- m", 2, "indent with spaces, not tabs"),
        ("a: b: c", 1, "into quotes"),
        ("line: a\nline: b", 1, "each key once"), ("models: &x [m]\nstate: {folder: *x}", 1, "anchors"),
        ("- a\n- b", 1, "found a list"), ("just text", 1, "found \"just text\""),
        ("models: m\n---\nline: a", 2, "YAML"),
        ("models: m\nlimits: [1]", 2, "found a list"), ("models: m\nline: [a]", 2, "found a list"),
        ("models: m\nline: {a: b}", 2, "found a section"), ("models: [[m]]", 1, "found a list in it"),
        ("models: []", 1, "found an empty list"), ("models: m\n? [a]\n: b", 2, "a name before the ':'"),
        ("models: m\nline: \"a\\tb\"", 2, "\"a\\u{9}b\""),
    ])
    func yamlThatIsNotOursIsRefusedWithItsLine(text: String, line: Int, part: String) {
        let found = faults(text)
        #expect(found.count == 1 && found[0].hasPrefix("s.yaml:\(line): ") && found[0].contains(part), "\(found)")
    }

    /// Keys of CURVE hold an ampersand at any place.
    @Test(arguments: [
        "models: ['a', '&b c']", "models: [\"&b\"]", "models: m # or not\n# models: &templates m", "models: R&D",
        "models: ['#', '#&a']",
    ])
    func anAmpersandInATextIsNoAnchor(text: String) {
        #expect(faults(text) == [])
    }

    @Test(arguments: [
        "models: &x m", "&x models: m", "models: [a,&x b]", "models: ['a', &x b]", "line: don't\nmodels: &x ' m",
    ])
    func anAnchorIsFoundAnywhere(text: String) {
        #expect(faults(text).contains { $0.contains("anchors") })
    }

    @Test func nothingBehindAColonSaysNothing() {
        #expect(faults("models: m\nstate:\nlimits: {threads: , open_parts: ~}\nline: null\n") == [])
    }

    @Test(arguments: [
        ("sources: {bind: tcp://127.0.0.1:1, connect: tcp://10.0.0.1:2}", "sources.connect: expected one of"),
        ("sinks: {http: 127.0.0.1:1}", "sinks.http: sinks.http goes with state.folder"),
        ("sinks: {replay: ipc:///tmp/r}", "sinks.replay: sinks.replay goes with state.folder"),
        ("sources: {bind: tcp://0.0.0.0:1}", "sources.bind: tcp://0.0.0.0:1 can be reached by other machines"),
        ("state: {folder: s}\nsinks: {http: 0.0.0.0:1}", "sinks.http: 0.0.0.0:1 can be reached by other machines"),
        (
            "state: {folder: s}\nsinks: {http: 0.0.0.0:1}\naccess: {allow_insecure: true}",
            "sinks.http: 0.0.0.0:1 can be reached by other machines: say with access.tokens_file"
        ),
        ("sinks: {publish: tcp://127.0.0.1:5600}", "expected an endpoint of its own"),
        ("sources: {arrays: {unit: mm}}", "sources.arrays.unit goes with sources.arrays.source"),
        ("sources: {arrays: {gap_s: 1}}", "sources.arrays.gap_s goes with sources.arrays.source"),
        ("sources: {arrays: {source: a}}", "expected sources.arrays.unit mm, m or um too"),
        (
            "sources: {connect: [tcp://a:1, tcp://b:1], arrays: {source: a, unit: um}}",
            "expected one endpoint of sources.connect, found 2"
        ),
        ("access: {allow_list_file: a}", "goes with access.curve_secret_file"),
        ("access: {curve_secret_file: k}", "expected access.allow_list_file FILE too"),
        ("access: {curve_secret_file: k, allow_list_file: a}\nsources: {server_keys: k}", "goes with sources.connect"),
        (
            "access: {curve_secret_file: k}\nsources: {connect: tcp://10.0.0.1:1}\nsinks: {publish: none}",
            "sources.server_keys KEY too"
        ),
        (
            "access: {curve_secret_file: k, allow_list_file: a}\n"
                + "sources: {connect: [tcp://a:1, tcp://b:1, tcp://c:1], server_keys: [x, y]}",
            "one for each of the 3 endpoints"
        ),
    ])
    func whatDoesNotGoTogetherIsRefused(text: String, part: String) {
        let found = faults("models: m\n" + text)
        #expect(found.count == 1 && found.first?.contains(part) ?? false, "\(found)")
        #expect(found.first?.hasPrefix("s.yaml:") ?? false)
    }

    @Test func modelsMustBeNamed() {
        #expect(
            faults("line: a") == [
                "models: expected the folders of models, found none: name them, or make a model with `scanward teach`"
            ])
        #expect(faults("part_types: {a: {model: m}}") == [])
    }

    @Test func variablesThatWereMeantForUsAreNamed() {
        let found = faults(
            "models: m",
            environment: [
                "SCANWARD_LIMITS_THREDS": "2", "SCANWARD_LIN": "x", "SCANWARD_FAULTS": "full", "SCANWARD_SOAK": "60",
                "SCANWARD_STATE_KEEP_DAYS": "soon", "SCANWARD_CONFIG": "/etc/x",
            ])
        #expect(
            found == [
                "SCANWARD_LIMITS_THREDS: no key has this variable; did you mean SCANWARD_LIMITS_THREADS?",
                "SCANWARD_LIN: no key has this variable; did you mean SCANWARD_LINE?",
                "SCANWARD_STATE_KEEP_DAYS: expected a number above 0 and below 36500, found \"soon\"",
            ])
    }

    @Test func aSecretWrittenIntoTheFileIsNotToldOn() throws {
        let secret = "rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7"
        let found = faults("models: m\naccess:\n  curve_secret_file: '\(secret.replacing("/", with: "+"))'")
        #expect(found.contains { $0.contains("found what looks like a key") }, "\(found)")
        #expect(!found.contains { $0.contains("rq:rM") })
    }

    @Test func aFileThatIsTooLargeIsNotParsed() {
        let found = faults(String(repeating: "# much\n", count: 60_000))
        #expect(found.contains { $0.contains("expected at most 256 KiB") })
    }
}
