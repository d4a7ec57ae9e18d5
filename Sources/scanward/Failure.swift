import Foundation

/// A refusal that ends a command: one sentence for people, one exit code for programs.
struct Failure: Error, CustomStringConvertible {
    var description: String
    var exitCode: ExitCodes = .failure

    init(_ description: String, _ exitCode: ExitCodes = .failure) {
        self.description = description
        self.exitCode = exitCode
    }

    /// Another error, with its sentence and the exit code that it has.
    init(_ error: any Error) {
        self.init(Self.sentence(of: error), ExitCodes(error))
    }

    /// Of our own errors the sentence that they are made with; of the system's what it says to people.
    static func sentence(of error: any Error) -> String {
        let isOfTheSystem = error is any LocalizedError || error is CocoaError || error is POSIXError
        return isOfTheSystem ? error.localizedDescription : "\(error)"
    }
}
