import FrameProtocol
import Foundation
import Ingest
import Journal
import MonitorConfiguration

/// Everything that `scanward run` is told: what holds of its configuration, and how a recording is read.
struct LineConfiguration: Sendable {
    enum Input: Sendable {
        case bind(String)
        /// Each with its own socket.
        case connect([String])
        case capture(String, PlaybackOptions)
        /// A hub: verdicts come, and no frames.
        case nothing
    }

    /// Where it is read anew from.
    let source: ConfigurationSource
    let effective: EffectiveConfiguration
    let settings: MonitorSettings
    let input: Input
    /// Holds a recording's first frame back.
    var startGate: StartGate?
    var captureLimits = CaptureLimits()
    /// Goes on at the end of a capture, as another program writes on.
    var captureFollowing: CaptureFollowing?
    /// Ends the run after so many verdicts.
    var untilParts: Int?
    var printsJSON = false

    /// Parts that wait for the scorer; more hold back the source.
    static let queuedParts = 4
    /// Failed parts whose pictures are still to be drawn; further ones are dropped, and of a recording
    /// waited for.
    static let queuedPictures = 32
    static let queuedPictureBytes = 256 << 20
    /// How long a recording, and the end, waits for one more of them to be drawn.
    static let picturePatience = Duration.seconds(30)

    /// - Parameter effective: without errors.
    init(
        _ effective: EffectiveConfiguration, from source: ConfigurationSource, capture: (String, PlaybackOptions)? = nil
    ) {
        self.source = source
        self.effective = effective
        settings = MonitorSettings(effective)
        input =
            if settings.fleet.role == .hub {
                .nothing
            } else if let capture {
                .capture(capture.0, capture.1)
            } else if case .connect(let endpoints)? = settings.input {
                .connect(endpoints)
            } else if case .bind(let endpoint)? = settings.input {
                .bind(endpoint)
            } else {
                .bind(ConfigurationKey.bind.standard ?? "")
            }
    }

    var line: String { settings.line }
    var station: String { settings.station }
    /// Where verdicts are published; nil publishes none.
    var publish: String? { settings.publish }
    /// ROUTER: where earlier verdicts are asked for; nil answers nobody.
    var replay: String? { settings.replay }
    var heatmaps: URL? { settings.heatmapFolder.map { URL(filePath: $0) } }
    var threads: Int? { settings.threads }
    /// Where verdicts are kept; nil keeps none.
    var state: StateFolder? { settings.stateFolder.map(StateFolder.init) }

    /// Who may connect.
    var access: AccessConfiguration {
        AccessConfiguration(
            curveSecret: settings.curveSecretFile, serverKeys: settings.serverKeys, allowList: settings.allowListFile,
            allowInsecure: settings.allowInsecure)
    }

    /// The option or key that people know a setting by.
    func label(_ key: ConfigurationKey) -> String { effective.label(key) }
}

extension MonitorSettings {
    /// How much is held of parts that are open, and for how long.
    var limits: AssemblyLimits {
        var limits = AssemblyLimits()
        limits.idleDeadline = .seconds(partDeadlineSeconds)
        limits.totalDeadline = .seconds(max(60, 12 * partDeadlineSeconds))
        limits.maximumOpenParts = openParts
        limits.maximumFrames = framesPerPart
        limits.maximumPoints = pointsPerPart
        limits.toleratedRefusals = refusedFramesPerPart
        return limits
    }

    /// Whose bare arrays are taken as frames.
    var arrays: ArrayAdapter.Configuration? {
        guard let arraySource, let unit = arrayUnit.flatMap(LengthUnit.init(rawValue:)) else { return nil }
        return .init(source: arraySource, unit: unit, gap: arrayGapSeconds.map { .seconds($0) })
    }

    /// How long verdicts are kept.
    var retention: Retention {
        var retention = Retention()
        retention.age = .seconds(keepDays * 86_400)
        retention.bytes = keepMiB << 20
        retention.unacknowledgedBytes = 2 * keepMiB << 20
        return retention
    }
}
