import Foundation
import Inspection
import TestSupport

/// What the fixtures' parts really are.
struct Truth: Decodable {
    struct Part: Decodable {
        struct Defect: Decodable {
            var centre: [Double]

            enum CodingKeys: String, CodingKey { case centre = "centre_mm" }
        }

        var id: String
        var type: String
        var kind: String
        var evaluation: Evaluation
        /// Diagonal of the part's bounding box, mm.
        var size: Double
        var defect: Defect?

        enum CodingKeys: String, CodingKey {
            case kind, evaluation, defect
            case id = "part_id"
            case type = "part_type"
            case size = "part_size_mm"
        }
    }

    var parts: [Part]

    static func read() throws -> Truth {
        try JSONDecoder().decode(
            Truth.self, from: Data(contentsOf: URL(filePath: Program.fixture("parts/truth.json"))))
    }
}

extension Verdict {
    /// Distance in mm from the centre of the nearest region to a place; nil without regions.
    func distance(to place: [Double]) -> Double? {
        regions.map { region in
            zip(region.centroid, place).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }.min()
    }
}
