import Glibc

/// The calls of the system that a recording depends on; tests put a full or broken disk in their place.
struct RecordingSystem: Sendable {
    /// `write(2)`: bytes written, or -1 with `errno` set.
    var write: @Sendable (Int32, UnsafeRawPointer, Int) -> Int = { Glibc.write($0, $1, $2) }
    /// `fdatasync(2)`: nil, or what `errno` says.
    var synchronize: @Sendable (Int32) -> Int32? = { fdatasync($0) == 0 ? nil : errno }
    /// `unlink(2)`: nil, or what `errno` says.
    var remove: @Sendable (String) -> Int32? = { unlink($0) == 0 ? nil : errno }
}
