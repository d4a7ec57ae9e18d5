import CZeroMQ

/// The libzmq that the process runs with.
public enum ZeroMQLibrary {
    /// "4.3.4".
    public static var version: String {
        var (major, minor, patch): (Int32, Int32, Int32) = (0, 0, 0)
        zmq_version(&major, &minor, &patch)
        return "\(major).\(minor).\(patch)"
    }

    /// Whether it was built with CURVE (`zmq_has`): without it no key is of any use.
    public static var hasCurve: Bool { zmq_has("curve") == 1 }
}
