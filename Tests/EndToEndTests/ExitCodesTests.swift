import ArgumentParser
import Foundation
import Inspection
import MonitorConfiguration
import TestPrograms
import Testing

@testable import Journal
@testable import scanward

/// One rule says what each end means, and the documentation says the same.
@Suite struct ExitCodesTests {
    private func text(_ path: String) throws -> String {
        try String(contentsOf: Program.repository.appending(path: path), encoding: .utf8)
    }

    @Test func theDocumentationHasThem() throws {
        let expected = ExitCodes.allCases.map { "\($0.rawValue): \($0.meaning)" }
        let rows = try text("docs/commands.md").matches(of: #/\n\| (\d+) \| ([^\n]*) \|/#)
        #expect(rows.map { "\($0.1): \($0.2)" } == expected)
        let manual = try text("tools/manual.py").matches(of: #/\("(\d+)", "([^\n]*)"\),/#)
        #expect(manual.map { "\($0.1): \($0.2)" } == expected.map { $0.replacing("`", with: "") })
    }

    @Test func errorsHaveTheirs() async throws {
        func code(_ error: any Error) async -> Int32? {
            do {
                try await reportingFailures { throw error }
                return nil
            } catch {
                return (error as? ExitCode)?.rawValue
            }
        }
        #expect(await code(Failure("it", .truncated)) == 4)
        #expect(await code(JournalError(code: .damaged, message: "it")) == 5)
        #expect(await code(JournalError(code: .inUse, message: "it")) == 1)
        #expect(await code(CocoaError(.fileNoSuchFile)) == 1)
        #expect(await code(ExitCode(6)) == 6)
        await #expect(throws: ValidationError.self) { try await reportingFailures { throw ValidationError("it") } }
    }

    @Test func verdictsHaveTheirs() {
        #expect(ExitCodes([Evaluation.ok, .ok]) == .success && ExitCodes([Evaluation]()) == .success)
        for other in [Evaluation.notOK, .notDecidable, .undefined] { #expect(ExitCodes([.ok, other]) == .partsNotOK) }
    }

    /// A wrong call is told from a wrong configuration by where the fault stands.
    @Test func faultsHaveTheirs() {
        func fault(_ origin: ConfigurationOrigin) -> ConfigurationFault {
            .init(key: nil, origin: origin, message: "it")
        }
        let option = fault(.option("--bind")), file = fault(.file("f", line: 1, column: 1))
        #expect(ExitCodes([option, option], hasFile: true) == .usage)
        #expect(ExitCodes([option, file], hasFile: true) == .configuration)
        #expect(ExitCodes([fault(.environment("SCANWARD_LINE"))], hasFile: false) == .configuration)
        #expect(ExitCodes([fault(.standard)], hasFile: false) == .usage)
        #expect(ExitCodes([fault(.standard)], hasFile: true) == .configuration)
    }
}
