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
}
