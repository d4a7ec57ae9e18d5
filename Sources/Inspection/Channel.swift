import Foundation

/// One way of looking at a part; each yields a map over its points (docs/architecture.md, "Channels").
public enum Channel: String, Sendable, CaseIterable, Codable, CodingKeyRepresentable {
    /// A_p: Chamfer distance between a patch and its reconstruction (eq. 13 to 15).
    case reconstruction
    /// A_f: distance between decoder features of the part and of its reconstruction (eq. 16 to 19).
    case feature
    /// Distance of the surface's local form (averaged FPFH) from that of good parts.
    case descriptor
    /// Distance to the template's surface and back, after rigid registration.
    case deviation

    /// The part score that good parts hardly exceed, by those of each good part left out: the highest part's (the geometric
    /// mean of its resamplings), times what unseen good parts were found to add to it. No tolerance bound: of four parts, of
    /// which one was scanned otherwise, it would be so high that the channel never spoke again.
    ///
    /// - Parameter scores: by part and resampling, positive; at least one part.
    func limit(scoresByPart scores: [[Double]]) -> Float {
        let highest =
            scores.map { part in exp(part.reduce(0) { $0 + log($1) } / Double(max(1, part.count))) }.max() ?? 1
        return Float(allowance * highest)
    }

    /// On the development half of the benchmark nine in ten types' good parts stayed below (docs/accuracy.md).
    private var allowance: Double {
        switch self {
        case .deviation: 1
        case .reconstruction, .feature: 1.5
        case .descriptor: 2
        }
    }
}
