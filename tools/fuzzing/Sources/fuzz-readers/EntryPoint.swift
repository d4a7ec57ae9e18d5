import Foundation

/// What is under test, named by FUZZ_TARGET: one executable for all of them links once.
private let target: (name: String, violation: @Sendable ([UInt8]) -> String?) = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    if let reader = ReaderProperty(rawValue: name) { return (name, { reader.violation($0) }) }
    if let decoder = DecoderProperty(rawValue: name) { return (name, { decoder.violation($0) }) }
    let names = ReaderProperty.allCases.map(\.rawValue) + DecoderProperty.allCases.map(\.rawValue)
    fatalError(
        "expected FUZZ_TARGET to be one of \(names.joined(separator: ", ")), found \"\(name)\"; "
            + "run tools/fuzzing/run.sh")
}()

/// Called by libFuzzer with every input; a crash is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    if let violation = target.violation(bytes) { fatalError("\(target.name): \(violation)") }
    return 0
}

/// libFuzzer itself, as its header FuzzerInterface.h declares it.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>,
    _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

/// What SwiftPM links as `main` of an executable of this name, in place of libFuzzer's own.
@_cdecl("fuzz_readers_main")
public func main(_ count: CInt, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    var (count, arguments) = (count, arguments)
    return runDriver(&count, &arguments) { testOneInput($0, $1) }
}
