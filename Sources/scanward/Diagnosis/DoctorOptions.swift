import Foundation
import Ingest

/// What a doctor is told of a line: as `run` is told, or as found out from the monitor that runs.
struct DoctorOptions {
    var input = ZeroMQFrameSource.Mode.bind("tcp://127.0.0.1:5600")
    /// Endpoints that the monitor listens at beside it; nil where it does not.
    var publish: String? = "tcp://127.0.0.1:5601"
    var replay: String? = "tcp://127.0.0.1:5602"
    /// `HOST:PORT`.
    var http: String?
    var models: [String] = []
    var state: String?
    var heatmaps: String?
    var partType: String?
    var partDeadline = 5.0
    var access = AccessConfiguration()
    /// How long the source is listened to, s; 0 does not.
    var listen = 5.0

    var inputEndpoint: String {
        switch input {
        case .bind(let endpoint), .connect(let endpoint): endpoint
        }
    }

    /// What is listened at, with the option that says so.
    var listening: [(name: String, endpoint: String)] {
        var list: [(String, String)] = []
        if case .bind(let endpoint) = input { list.append(("frames", endpoint)) }
        if let publish { list.append(("verdicts", publish)) }
        if let replay, state != nil { list.append(("replay", replay)) }
        if let http { list.append(("http", "tcp://\(http)")) }
        return list
    }
}
