import ArgumentParser
import FrameProtocol

/// How bare arrays become frames, where the scanner's program sends nothing else.
struct ArrayOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Take bare arrays (pyzmq's send_array, PSI's array-1.0) as frames of this scanner; without it they are refused.",
            valueName: "scanner"))
    var arraySource: String?

    @Option(help: ArgumentHelp("Unit of their coordinates: mm, m or um; goes with --array-source.", valueName: "unit"))
    var arrayUnit: String?

    @Option(
        help: ArgumentHelp(
            "How long no array comes before a part has ended; without it each array is a part of its own.",
            valueName: "seconds"))
    var arrayGap: Double?

    /// What was said; for commands that have no configuration file.
    func configuration() throws -> ArrayAdapter.Configuration? {
        guard let arraySource else {
            guard arrayUnit == nil, arrayGap == nil else {
                throw ValidationError("--array-unit and --array-gap go with --array-source")
            }
            return nil
        }
        guard FrameHeader.isSource(arraySource) else {
            throw ValidationError(
                "--array-source: expected 1 to 64 letters, digits, '.', '_' and '-', found \(printable(arraySource))")
        }
        guard let unit = arrayUnit.flatMap(LengthUnit.init(rawValue:)) else {
            throw ValidationError(
                "--array-source: expected --array-unit mm, m or um too, found \(printable(arrayUnit ?? "none"))")
        }
        guard arrayGap.map({ $0 > 0 && $0 < 1e6 }) ?? true else {
            throw ValidationError("--array-gap: expected seconds above 0, found \(arrayGap ?? 0)")
        }
        return .init(source: arraySource, unit: unit, gap: arrayGap.map { .seconds($0) })
    }
}
