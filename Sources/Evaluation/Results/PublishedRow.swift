/// Values that somebody published for a data set, to stand beside ours.
public struct PublishedRow: Sendable, Equatable {
    public var name: String
    public var values: [Metric: Double]
    public var source: String

    public init(name: String, values: [Metric: Double], source: String) {
        self.name = name
        self.values = values
        self.source = source
    }

    /// The IMRNet paper's own means over its 40 classes.
    public static let imrnet = PublishedRow(
        name: "IMRNet (published)", values: [.partAUROC: 0.66, .pointAUROC: 0.65],
        source: "mean over 40 classes of Anomaly-ShapeNet, Li et al., CVPR 2024, Tables 2 to 4")

    /// Rows for a data set with these classes: those of Anomaly-ShapeNet are known by their names and their kinds.
    public static func rows(for classes: [DatasetLayout.PartClass]) -> [PublishedRow] {
        let names = classes.map { $0.name.lowercased() }
        guard !names.isEmpty, names.allSatisfy(anomalyShapeNet.contains) else { return [] }
        return [imrnet]
    }

    private static let anomalyShapeNet: Set<String> = Set(
        [
            ("ashtray", [0]), ("bag", [0]), ("bottle", [0, 1, 3]), ("bowl", [0, 1, 2, 3, 4, 5]), ("bucket", [0, 1]),
            ("cap", [0, 3, 4, 5]), ("cup", [0, 1]), ("eraser", [0]), ("headset", [0, 1]), ("helmet", [0, 1, 2, 3]),
            ("jar", [0]), ("microphone", [0]), ("shelf", [0]), ("tap", [0, 1]),
            ("vase", [0, 1, 2, 3, 4, 5, 7, 8, 9]),
        ].flatMap { name, numbers in numbers.map { "\(name)\($0)" } })
}
