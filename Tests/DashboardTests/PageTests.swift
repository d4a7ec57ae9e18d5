import DashboardPages
import Foundation
import TestPrograms
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(30))) struct PageTests {
    private static let folder = Program.repository.appending(path: "Sources/DashboardPages/Web")

    private static var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
    }

    private func text(_ name: String) throws -> String {
        try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    }

    @Test func everyFileIsInTheProgramAsItIs() throws {
        let names = try Self.names
        #expect(names.count > 15)
        for name in names {
            let file = try #require(DashboardPages.file(name), "\(name) is not served: name it in DashboardPages")
            #expect(try Data(contentsOf: Self.folder.appending(path: name)) == Data(file.bytes))
        }
        #expect(DashboardPages.file("../Package.swift") == nil)
    }

    /// A text that came from outside never becomes markup, and what the policy forbids is not tried.
    @Test func nothingIsMadeOfMarkup() throws {
        for name in try Self.names where name.hasSuffix(".js") {
            let text = try text(name)
            for word in [
                "innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "DOMParser",
            ] {
                #expect(!text.contains(word), "\(name) uses \(word)")
            }
        }
        for name in try Self.names where name.hasSuffix(".html") {
            let text = try text(name)
            for word in [" style=", "<style", " onclick", "http://", "https://", "<script>"] {
                #expect(!text.contains(word), "\(name) has \(word)")
            }
        }
    }

    @Test func everyReferenceLeadsSomewhere() async throws {
        let names = try Self.names
        try await serving(DashboardSources(log: MemoryLog(head: 1))) { port in
            for name in names {
                let text = try self.text(name)
                for match in text.matches(of: #/["'](\/(?:assets|three)\/[A-Za-z0-9_.\/]+)["']/#) {
                    let path = String(match.1)
                    #expect(try await HTTPConnection.get(path, port: port).status == 200, "\(name): \(path)")
                }
            }
            for path in ["/", "/history", "/models", "/models/x", "/parts/x", "/login"] {
                let page = try await HTTPConnection.get(path, port: port)
                #expect(page.status == 200 && page.text.contains("<!doctype html>"), "\(path)")
                let lower = page.text.lowercased()
                #expect(lower.contains("content-security-policy: default-src 'none'; script-src 'self'"))
                #expect(lower.contains("x-content-type-options: nosniff"))
            }
            for path in ["/nothing", "/assets/../Package.swift", "/assets/%2e%2e%2fPackage.swift", "/three/three.js"] {
                #expect(try await HTTPConnection.get(path, port: port).status == 404, "\(path)")
            }
        }
    }

    @Test func withoutThreeItSaysWhatToInstall() async throws {
        try await serving(
            DashboardSources(log: MemoryLog(head: 1)), configure: { $0.threeFolder = "/nonexistent" }
        ) { port in
            let answer = try await HTTPConnection.get("/three/build/three.module.js", port: port)
            #expect(answer.status == 404 && answer.text.contains("install libjs-three"))
        }
    }
}
