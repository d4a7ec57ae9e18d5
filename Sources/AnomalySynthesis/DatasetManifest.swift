/// What a synthesized data set holds: `manifest.json` at its root, beside the folders of its classes.
///
/// All lengths in mm, all coordinates in those of the sample's own file.
public struct DatasetManifest: Sendable, Codable, Equatable {
    public static let schemaName = "scanward-dataset/1"
    /// The file's name below the data set's root.
    public static let fileName = "manifest.json"

    public var schema = DatasetManifest.schemaName
    /// Of the scanward that made it.
    public var version: String
    public var seed: UInt64
    public var draw: DefectDraw
    public var scanner: ScannerStyle
    public var pose: PoseStyle
    public var classes: [PartClass]

    public init(
        version: String, seed: UInt64, draw: DefectDraw, scanner: ScannerStyle, pose: PoseStyle, classes: [PartClass]
    ) {
        self.version = version
        self.seed = seed
        self.draw = draw
        self.scanner = scanner
        self.pose = pose
        self.classes = classes
    }

    /// One part type.
    public struct PartClass: Sendable, Codable, Equatable {
        /// Also the name of its folder.
        public var name: String
        /// File name and SHA-256 of the mesh that it was made from.
        public var mesh: String
        public var meshSHA256: String
        /// Diagonal of the good part's axis-aligned box, mm.
        public var diagonal: Double
        public var samples: [Sample]
        /// A point farther from the good surface than this is anomalous, mm.
        public var labelDistance: Double?
        /// A point nearer to the border of a hole or a break than this is anomalous, mm.
        public var rimWidth: Double?
        /// Standard deviation of the scanner's noise, mm.
        public var noise: Double?

        public init(name: String, mesh: String, meshSHA256: String, diagonal: Double, samples: [Sample]) {
            self.name = name
            self.mesh = mesh
            self.meshSHA256 = meshSHA256
            self.diagonal = diagonal
            self.samples = samples
        }
    }

    /// One scan.
    public struct Sample: Sendable, Codable, Equatable {
        /// Without folder and extension, such as `cup0_bulge3`.
        public var name: String
        public var isTraining: Bool
        public var points: Int
        /// Points whose label is 1.
        public var anomalousPoints: Int
        /// `nil` for a good part.
        public var defect: Defect?
        /// Of the good mesh into the file's frame: row-major 4 x 4.
        public var pose: [Double]

        public init(
            name: String, isTraining: Bool, points: Int, anomalousPoints: Int, defect: Defect?, pose: [Double]
        ) {
            self.name = name
            self.isTraining = isTraining
            self.points = points
            self.anomalousPoints = anomalousPoints
            self.defect = defect
            self.pose = pose
        }
    }

    /// What is wrong with a sample, and where.
    public struct Defect: Sendable, Codable, Equatable {
        public var kind: DefectKind
        /// Middle of the changed surface.
        public var center: [Double]
        /// Longest extent of the changed surface: largest distance between two of its points.
        public var size: Double
        /// Largest distance by which the surface was moved (for holes and breaks: from the removed surface to what is left).
        public var depth: Double

        public init(kind: DefectKind, center: [Double], size: Double, depth: Double) {
            self.kind = kind
            self.center = center
            self.size = size
            self.depth = depth
        }
    }
}

/// The seven kinds of the paper's section 3.
public enum DefectKind: String, Sendable, Codable, CaseIterable {
    case bulge, concavity, hole, broken, bending, crack, scratch
}

/// How deep and how large defects are drawn.
public enum DefectDraw: String, Sendable, Codable, CaseIterable {
    case standard
    /// Depths of 0.4 to 1.4 % of the diagonal, 1 to 5 % of the points.
    case hard
}

/// How the surface is sampled.
public enum ScannerStyle: String, Sendable, Codable, CaseIterable {
    /// Evenly over the whole surface.
    case uniform
    /// Scan lines whose density falls with the distance, with noise and a few outliers, over the whole surface.
    case lines
    /// Scan lines of one view: only what a sensor at one place sees.
    case singleView = "single-view"
}

/// In which pose parts lie.
public enum PoseStyle: String, Sendable, Codable, CaseIterable {
    case fixed
    /// Turned by at most 10 degrees about any axis.
    case tilted
    case any
}
