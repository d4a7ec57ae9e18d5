import Foundation

/// The reader under test, named by FUZZ_TARGET: one executable for all of them links once.
private let property: ReaderProperty = {
    let name = ProcessInfo.processInfo.environment["FUZZ_TARGET"] ?? ""
    guard let property = ReaderProperty(rawValue: name) else {
        let names = ReaderProperty.allCases.map(\.rawValue).joined(separator: ", ")
        fatalError("expected FUZZ_TARGET to be one of \(names), found \"\(name)\"; run tools/fuzzing/run.sh")
    }
    return property
}()

/// Called by libFuzzer with every input; a crash is a finding.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = [UInt8](UnsafeBufferPointer(start: start, count: count))
    if let violation = property.violation(bytes) { fatalError("\(property.rawValue): \(violation)") }
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
