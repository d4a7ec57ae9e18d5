import FrameProtocol
import Foundation
import Ingest
import Journal

/// Everything that `scanward run` is told.
struct LineConfiguration: Sendable {
    enum Input: Sendable {
        case socket(ZeroMQFrameSource.Mode)
        case capture(String, PlaybackOptions)
    }

    var input: Input
    var models: [String]
    /// Holds a recording's first frame back.
    var startGate: StartGate?
    /// Where verdicts are published; `nil` publishes none.
    var publish: String?
    /// Who may connect.
    var access = AccessConfiguration()
    var line: String
    var station: String
    /// For parts whose frames name no type.
    var defaultPartType: String?
    var limits = AssemblyLimits()
    var captureLimits = CaptureLimits()
    /// Goes on at the end of a capture, as another program writes on.
    var captureFollowing: CaptureFollowing?
    var heatmaps: URL?
    var threads: Int?
    /// Ends the run after so many verdicts.
    var untilParts: Int?
    var printsJSON = false
    /// Where verdicts are kept; nil keeps none.
    var state: StateFolder?
    /// ROUTER: where earlier verdicts are asked for; nil answers nobody.
    var replay: String?
    var retention = Retention()
    /// What is kept of judged parts for the dashboard, in the state folder; nil keeps nothing.
    var partPictures: PartPictureLimits?

    /// Parts that wait for the scorer; more hold back the source.
    static let queuedParts = 4
    /// Failed parts whose pictures are still to be drawn; more hold back the scorer.
    static let queuedPictures = 32
    static let queuedPictureBytes = 256 << 20

    /// What of it may change a verdict, and the models in use, as one short digest.
    func hash(models: [String]) -> String {
        let text = [
            "models=\(models.joined(separator: ","))", "default_part_type=\(defaultPartType ?? "")",
            "idle_deadline=\(limits.idleDeadline)", "total_deadline=\(limits.totalDeadline)",
            "frames=\(limits.maximumFrames)", "points=\(limits.maximumPoints)", "open=\(limits.maximumOpenParts)",
        ].joined(separator: "\n")
        return String(sha256([UInt8](text.utf8)).prefix(16))
    }
}
