import Dashboard
import HeatMaps

/// What is kept of parts, and the templates of models in use: also of one that came into use just now and is not on the disk yet.
struct LineGallery: PartGallery {
    let folder: PartPictureFolder
    let line: InspectionLine

    func kept(resultID: String) -> KeptPart? { folder.kept(resultID: resultID) }
    func isPending(resultID: String) -> Bool { line.partPictures?.isPending(resultID: resultID) ?? false }
    func cloud(resultID: String) throws -> [UInt8]? { try folder.cloud(resultID: resultID) }
    func heatMap(resultID: String) throws -> [UInt8]? { try folder.heatMap(resultID: resultID) }

    func template(modelID: String) throws -> [UInt8]? {
        if let kept = try folder.template(modelID: modelID) { return kept }
        let catalog = line.catalog
        let entry = catalog.partTypes.compactMap { catalog.entry(for: $0) }.first { $0.identity.id == modelID }
        return try entry.map { try PartPictureWriter.template(of: $0) }
    }
}
