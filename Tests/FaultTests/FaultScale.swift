import Foundation

/// How long the fault tests are: short within `make test`, whole under `make test-faults` (SCANWARD_FAULTS=full).
enum FaultScale {
    static let isFull = ProcessInfo.processInfo.environment["SCANWARD_FAULTS"] == "full"

    static func choose<Value>(short: Value, full: Value) -> Value { isFull ? full : short }

    /// Prints a row's figures: `make test-faults` collects these lines for docs/reliability.md.
    static func report(row: Int, _ figures: String) {
        print("reliability row \(row) (\(isFull ? "full" : "short")): \(figures)")
    }
}
