import Foundation
import Glibc

/// Two network namespaces joined by a cable that can be pulled.
final class Namespaces: Sendable {
    /// Whether this process may make them. Where it may not, tests that need them say so and do not run.
    static let areAvailable: Bool = {
        let name = "scanward-try-\(getpid())"
        guard Faults.canRun("ip", "netns", "add", name) else { return false }
        return Faults.canRun("ip", "netns", "delete", name)
    }()

    static let need = "needs root and iproute2: network namespaces cannot be made here"

    let monitor: String, publisher: String
    let monitorAddress = "10.213.7.1", publisherAddress = "10.213.7.2"

    init() throws {
        let id = UUID().uuidString.prefix(6).lowercased()
        (monitor, publisher) = ("scanward-m-\(id)", "scanward-p-\(id)")
        try ip("netns", "add", monitor)
        try ip("netns", "add", publisher)
        try ip("link", "add", "vm", "netns", monitor, "type", "veth", "peer", "name", "vp", "netns", publisher)
        for (name, link, address) in [(monitor, "vm", monitorAddress), (publisher, "vp", publisherAddress)] {
            try ip("-n", name, "address", "add", "\(address)/24", "dev", link)
            try ip("-n", name, "link", "set", "lo", "up")
            try ip("-n", name, "link", "set", link, "up")
        }
    }

    deinit {
        for name in [monitor, publisher] { _ = Faults.canRun("ip", "netns", "delete", name) }
    }

    /// Takes the link down at the publisher's end, or up again.
    func setLink(up: Bool) throws { try ip("-n", publisher, "link", "set", "vp", up ? "up" : "down") }

    /// What starts a program among the monitor's addresses.
    var monitorPrefix: [String] { ["/usr/bin/env", "ip", "netns", "exec", monitor] }

    var publisherPrefix: [String] { ["/usr/bin/env", "ip", "netns", "exec", publisher] }

    /// Moves the calling thread, and those that it starts, to the publisher's addresses.
    func enterPublisher() throws {
        let descriptor = open("/run/netns/\(publisher)", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        // Swift's import of Glibc leaves setns(2) out.
        typealias Call = @convention(c) (Int32, Int32) -> Int32
        guard let symbol = dlsym(nil, "setns") else { throw NotEntered() }
        guard unsafeBitCast(symbol, to: Call.self)(descriptor, 0) == 0 else { throw NotEntered() }
    }

    struct NotEntered: Error {}
    struct Refused: Error { let command: [String] }

    private func ip(_ arguments: String...) throws {
        guard try Faults.run(["ip"] + arguments) else { throw Refused(command: arguments) }
    }
}
