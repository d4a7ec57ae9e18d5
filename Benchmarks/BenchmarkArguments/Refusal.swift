import Foundation
import PointClouds

/// Why a command line was refused.
public struct Refusal: Error, CustomStringConvertible {
    public var message: String
    public var description: String { message }

    public init(message: String) { self.message = message }
}

/// The number after an option, above 0.
public func positive(_ text: String?, after option: String) throws -> Int {
    guard let text, let value = Int(text), value > 0 else {
        throw Refusal(message: "expected a number above 0 after \(option), found \(text ?? "nothing")")
    }
    return value
}

/// Runs a benchmark program: what it throws is printed after the program's name, and ends it with 2 where it is a refusal,
/// else with 1.
public func reportingRefusals(as program: String, _ body: () throws -> Void) {
    WorkingMemory.keepForReuse()
    do {
        try body()
    } catch {
        FileHandle.standardError.write(Data("\(program): \(error)\n".utf8))
        exit(error is Refusal ? 2 : 1)
    }
}
