import Foundation
import Ingest
import MonitorConfiguration

/// The line that a doctor looks at: what holds of its configuration, as its monitor reads it.
struct DoctorOptions {
    /// Nil where no file, and no running monitor's, was found.
    let source: ConfigurationSource
    let effective: EffectiveConfiguration
    let settings: MonitorSettings
    /// Folders of models: the configuration's, or `models` here where nothing is said.
    let models: [String]
    /// How long the source is listened to, s; 0 does not.
    let listen: Double

    init(_ source: ConfigurationSource, listen: Double) {
        self.source = source
        self.listen = listen
        effective = source.read()
        settings = MonitorSettings(effective)
        let named = settings.models + settings.partTypes.compactMap(\.model)
        models = named.isEmpty && FileManager.default.fileExists(atPath: "models") ? ["models"] : named
    }

    var inputs: [ZeroMQFrameSource.Mode] {
        switch settings.input {
        case .connect(let endpoints): endpoints.map { .connect($0) }
        case .bind(let endpoint): [.bind(endpoint)]
        case nil: []
        }
    }

    var listens: Bool { if case .bind = settings.input { true } else { false } }

    var access: AccessConfiguration {
        AccessConfiguration(
            curveSecret: settings.curveSecretFile, serverKeys: settings.serverKeys, allowList: settings.allowListFile,
            allowInsecure: settings.allowInsecure)
    }

    /// What is listened at, and what for.
    var listening: [(name: String, endpoint: String)] {
        var list: [(String, String)] = []
        if case .bind(let endpoint) = settings.input { list.append(("frames", endpoint)) }
        if let publish = settings.publish { list.append(("verdicts", publish)) }
        if let replay = settings.replay, settings.stateFolder != nil { list.append(("replay", replay)) }
        if let http = settings.http { list.append(("http", "tcp://\(http.host):\(http.port)")) }
        return list
    }
}
