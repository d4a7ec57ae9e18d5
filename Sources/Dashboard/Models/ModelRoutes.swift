import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// `/api/models`: what scores, its template, and the threshold, which an operator may set.
struct ModelRoutes: Sendable {
    let shelf: any ModelShelf
    let gallery: (any PartGallery)?

    func add(to router: Router<DashboardContext>) {
        router.get("/api/models") { _, _ in Answer.json(try await BlockingWork.run { [shelf] in try shelf.list() }) }
        router.get("/api/models/:id") { _, context in
            let id = context.parameters.get("id") ?? ""
            guard let model = try await BlockingWork.run({ [shelf] in try shelf.model(id: id) }) else {
                return Self.unknown
            }
            return Answer.json(model)
        }
        router.get("/api/models/:id/template") { _, context in
            guard let id = Self.modelID(context),
                let bytes = try await BlockingWork.run({ [gallery] in try gallery?.template(modelID: id) })
            else {
                return Answer.notFound(
                    "the template of this model is not kept: it was replaced, and no part is kept that it judged")
            }
            return Answer.bytes(bytes, type: "application/octet-stream", cache: "private, max-age=86400")
        }
        router.post("/api/models/:id/threshold") { request, context in try await setThreshold(request, context) }
    }

    private static let unknown = Answer.notFound(
        "expected the id of a model in use, found another: it was changed meanwhile, see /models")

    private static func modelID(_ context: DashboardContext) -> String? {
        guard let id = context.parameters.get("id"), id.utf8.count == 64,
            id.utf8.allSatisfy({ (48...57).contains($0) || (97...102).contains($0) })
        else { return nil }
        return id
    }

    private func setThreshold(_ request: Request, _ context: DashboardContext) async throws -> Response {
        var request = request
        let body = try await request.collectBody(upTo: 8192)
        let change: ThresholdRequest
        do {
            change = try JSONDecoder().decode(ThresholdRequest.self, from: Data(body.readableBytesView))
        } catch {
            return Answer.text(
                .badRequest, "expected JSON such as {\"value\": 7.5, \"reason\": \"text\"}, found something else\n")
        }
        guard change.value.isFinite, (change.reason?.utf8.count ?? 0) <= 2000 else {
            return Answer.text(.badRequest, "value: expected a number; reason: at most 2000 bytes\n")
        }
        do {
            let id = context.parameters.get("id") ?? "", name = context.caller.name
            return Answer.json(
                try await BlockingWork.run { [shelf] in try shelf.setThreshold(change, of: id, by: name) })
        } catch let refusal as ThresholdRefusal {
            // Told as everything that fails here.
            if refusal.kind == .notWritten { throw refusal }
            let status: HTTPResponse.Status =
                switch refusal.kind {
                case .unknownModel: .notFound
                case .invalid: .badRequest
                case .needsForce, .conflict: .conflict
                case .unanswered: .gatewayTimeout
                case .notWritten: .internalServerError
                }
            return Answer.text(status, refusal.sentence + "\n")
        }
    }
}
