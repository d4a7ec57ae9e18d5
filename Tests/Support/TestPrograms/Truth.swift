import Foundation
package import Inspection

/// What the fixtures' parts really are.
package struct Truth: Decodable {
    package struct Part: Decodable {
        package struct Defect: Decodable {
            package var centre: [Double]

            enum CodingKeys: String, CodingKey { case centre = "centre_mm" }
        }

        package var id: String
        package var type: String
        package var kind: String
        package var evaluation: Evaluation
        /// Diagonal of the part's bounding box, mm.
        package var size: Double
        package var defect: Defect?

        enum CodingKeys: String, CodingKey {
            case kind, evaluation, defect
            case id = "part_id"
            case type = "part_type"
            case size = "part_size_mm"
        }
    }

    package var parts: [Part]

    package static func read() throws -> Truth {
        try JSONDecoder().decode(
            Truth.self, from: Data(contentsOf: URL(filePath: Program.fixture("parts/truth.json"))))
    }
}

extension Verdict {
    /// One verdict a line.
    package static func decode(lines: String) throws -> [Verdict] {
        try lines.split(separator: "\n").filter { $0.hasPrefix("{") }.map {
            try JSONDecoder().decode(Verdict.self, from: Data($0.utf8))
        }
    }

    /// Distance in mm from the centre of the nearest region to a place; nil without regions.
    package func distance(to place: [Double]) -> Double? {
        regions.map { region in
            zip(region.centroid, place).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
        }.min()
    }
}
