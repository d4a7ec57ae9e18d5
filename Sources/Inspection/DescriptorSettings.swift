/// How the surface's local form is described, and compared with the good parts'.
///
/// After Simple3D (arXiv 2507.07435): FPFH at three neighbourhood sizes, averaged over the surroundings, against a memory
/// bank of the good parts'.
public struct DescriptorSettings: Sendable, Codable, Equatable {
    /// Neighbours of a point's histogram, the point itself among them; one histogram of 33 bins for each.
    public var sizes = [40, 80, 120]
    /// Neighbours of a point's normal.
    public var normalNeighbors = 10
    /// Neighbours over which histograms are averaged.
    public var averaged = 128
    /// Farthest points of the cloud at which descriptors are compared; scores are carried to the rest.
    public var centers = 2048
    /// Share of the good parts' descriptors that the bank keeps (a greedy coreset).
    public var bankShare = 0.25
    /// Good parts' descriptors that a descriptor is compared with: the so many nearest by place in the taught frame. `nil`
    /// is all of the bank, wherever they come from.
    public var nearest: Int?
    /// Cells aimed at when a part is thinned on a grid, so that all parts are equally dense.
    public var cells = 8192

    public init() {}

    /// Length of a descriptor.
    var width: Int { 33 * sizes.count }
}
