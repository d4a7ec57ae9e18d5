/// How a data set is made.
public struct SynthesisOptions: Sendable, Equatable {
    public var draw = DefectDraw.standard
    public var scanner = ScannerStyle.uniform
    public var pose = PoseStyle.fixed
    /// With `pose` any: the share of the samples that are turned so; the others are tilted.
    public var anyPoseShare = 1.0
    public var seed: UInt64 = 1
    /// A class's scans have so many points, give or take 3 %; drawn for each class.
    public var points = 8_000...30_000
    /// Diagonal of a part's box, mm; drawn for each class.
    public var diagonal = 120.0...260.0
    /// Good parts in the test folder.
    public var good: ClosedRange<Int> = 13...17
    /// Defective parts in the test folder; the seven kinds in turn.
    public var defects: ClosedRange<Int> = 16...21
    public static let trainingParts = 4

    public init() {}
}

/// Why a mesh, or a sample of it, cannot be used.
public struct SynthesisError: Error, Sendable, Equatable, CustomStringConvertible {
    /// One sentence: what was expected, what was found, what to do.
    public let message: String
    public var description: String { message }
}

/// One sample of a class, before it is made.
public struct SamplePlan: Sendable, Equatable {
    /// Without folder and extension, such as `cup0_bulge3`.
    public var name: String
    public var isTraining: Bool
    /// nil for a good part.
    public var kind: DefectKind?
    public var number: Int
}

/// A sample as it is written: the cloud in the file's frame, and a label for each point.
public struct SynthesizedSample: Sendable, Equatable {
    /// mm. Shape [N].
    public var points: [SIMD3<Float>]
    /// Shape [N]; all false for a good part.
    public var isAnomalous: [Bool]
    public var record: DatasetManifest.Sample
}
