import DashboardPages
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The pages, their scripts and styles, and three.js from Debian's libjs-three.
struct PageRoutes: Sendable {
    /// Where libjs-three lies.
    let threeFolder: String

    private static let pages = [
        ("/", "live.html"), ("/history", "history.html"), ("/parts/:id", "part.html"), ("/models", "models.html"),
        ("/models/:id", "model.html"), ("/login", "login.html"),
    ]
    /// All that is served of three.js: nothing of the request becomes part of a path.
    private static let three = ["build/three.module.js", "examples/jsm/controls/OrbitControls.js"]
    /// Pages of one version of the program belong together.
    private static let cache = "no-cache"

    func add(to router: Router<DashboardContext>) {
        for (path, name) in Self.pages {
            guard let file = DashboardPages.file(name) else { continue }
            router.get(RouterPath(path)) { _, _ in Answer.bytes(file.bytes, type: file.type, cache: Self.cache) }
        }
        router.get("/assets/:name") { _, context in
            guard let file = DashboardPages.file(context.parameters.get("name") ?? "") else {
                return Answer.notFound("there is no such file")
            }
            return Answer.bytes(file.bytes, type: file.type, cache: Self.cache)
        }
        router.get("/favicon.ico") { _, _ in Response(status: .seeOther, headers: [.location: "/assets/icon.svg"]) }
        for name in Self.three {
            let path = threeFolder + "/" + name
            router.get(RouterPath("/three/" + name)) { _, _ in
                guard let data = FileManager.default.contents(atPath: path) else {
                    return Answer.notFound(
                        "expected three.js at \(path), found nothing: install libjs-three, or say with --three where it is"
                    )
                }
                return Answer.bytes([UInt8](data), type: "text/javascript; charset=utf-8", cache: "max-age=3600")
            }
        }
    }
}
