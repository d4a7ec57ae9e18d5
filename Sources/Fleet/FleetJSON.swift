import Foundation

/// JSON of what a fleet's processes say to each other, keys in alphabetical order: equal values are equal bytes.
///
/// - Parameter what: the value's name in the refusal.
func fleetJSON(_ value: some Encodable, _ what: @autoclosure () -> String) throws(FleetError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    do {
        return [UInt8](try encoder.encode(value))
    } catch {
        throw FleetError("\(what()) cannot be written: \(error)")
    }
}
