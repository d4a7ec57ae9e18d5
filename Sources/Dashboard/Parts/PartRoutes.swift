import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// `/api/parts/RESULT`: a verdict with what is kept of its part, its points, its heat map.
struct PartRoutes: Sendable {
    let log: any VerdictLog
    /// Nil where nothing is kept.
    let gallery: (any PartGallery)?

    func add(to router: Router<DashboardContext>) {
        router.get("/api/parts/:id") { _, context in
            guard let id = Self.resultID(context) else { return Self.unknown }
            let bytes = try await BlockingWork.run { [log, gallery] () -> [UInt8]? in
                guard let verdict = try log.verdict(resultID: id) else { return nil }
                // Asked first: what is not pending any more is kept by then, or never.
                let isPending = gallery?.isPending(resultID: id) ?? false
                let kept = try gallery?.kept(resultID: id).map { try JSONEncoder().encode($0) } ?? Data("null".utf8)
                // The verdict as it was published, to the byte.
                return Array(#"{"verdict":"#.utf8) + verdict + Array(#","kept":"#.utf8) + kept
                    + Array(#","pending":\#(isPending)}"#.utf8)
            }
            return bytes.map { Answer.json($0) } ?? Self.unknown
        }
        router.get("/api/parts/:id/cloud") { _, context in
            try await answer(context, type: "application/octet-stream", name: nil) { try $0.cloud(resultID: $1) }
        }
        router.get("/api/parts/:id/heatmap.ply") { _, context in
            try await answer(context, type: "application/octet-stream", name: "heatmap.ply") {
                try $0.heatMap(resultID: $1)
            }
        }
    }

    private func answer(
        _ context: DashboardContext, type: String, name: String?,
        _ read: @escaping @Sendable (any PartGallery, String) throws -> [UInt8]?
    ) async throws -> Response {
        guard let id = Self.resultID(context) else { return Self.unknown }
        guard let gallery, let bytes = try await BlockingWork.run({ try read(gallery, id) }) else {
            return Answer.notFound("of this result no points are kept, or none any more")
        }
        return Answer.bytes(bytes, type: type, cache: "private, max-age=3600", fileName: name)
    }

    private static let unknown = Answer.notFound("expected the result_id of a verdict that is kept, found another text")

    /// Only what can be one: it becomes part of a file's name.
    private static func resultID(_ context: DashboardContext) -> String? {
        guard let id = context.parameters.get("id"), (8...64).contains(id.utf8.count),
            id.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return id
    }
}
