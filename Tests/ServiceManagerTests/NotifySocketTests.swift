import Foundation
import TestPrograms
import Testing
import Threads

@testable import ServiceManager

/// What goes over the wire, by sd_notify(3).
@Suite(.timeLimit(.minutes(5))) struct NotifySocketTests {
    @Test(arguments: [false, true]) func eachStateIsADatagram(isAbstract: Bool) async throws {
        let folder = try ScratchFolder("notify")
        let path = isAbstract ? "@" + folder.file("s") : folder.file("s")
        let manager = try NotifyListener(path)
        let socket = try #require(
            try NotifySocket(environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"]))
        #expect(socket.watchdogInterval == .seconds(3))
        try socket.notify(.ready(status: "two\nlines"))
        try socket.notify(.reloading(monotonicNanoseconds: 1_234_567_890))
        try socket.notify(.watchdog)
        try socket.notify(.stopping)
        _ = await manager.message { $0 == "STOPPING=1" }
        #expect(
            manager.messages == [
                "READY=1\nSTATUS=two lines", "RELOADING=1\nMONOTONIC_USEC=1234567", "WATCHDOG=1", "STOPPING=1",
            ])
    }

    @Test func withoutAManagerThereIsNothingToTell() throws {
        #expect(try NotifySocket(environment: [:]) == nil)
        #expect(try NotifySocket(environment: ["NOTIFY_SOCKET": ""]) == nil)
    }

    @Test func aWatchdogOfAnotherProcessIsNotOurs() throws {
        func interval(_ usec: String, pid: String?) throws -> Duration? {
            var environment = ["NOTIFY_SOCKET": "/run/x", "WATCHDOG_USEC": usec]
            environment["WATCHDOG_PID"] = pid
            return try NotifySocket(environment: environment)?.watchdogInterval
        }
        #expect(try interval("5000000", pid: "\(getpid())") == .seconds(5))
        #expect(try interval("5000000", pid: "1") == nil)
        #expect(try interval("0", pid: nil) == nil)
        #expect(try interval("soon", pid: nil) == nil)
    }

    @Test(arguments: ["relative", "/" + String(repeating: "x", count: 200)])
    func aPathThatIsNoneIsRefused(path: String) {
        let failure = #expect(throws: NotifySocket.Failure.self) {
            _ = try NotifySocket(environment: ["NOTIFY_SOCKET": path])
        }
        #expect(failure?.message.contains("expected a path of at most 107 bytes") ?? false)
    }

    @Test func aManagerThatIsGoneIsNamed() throws {
        let socket = try NotifySocket(path: "/nowhere/notify", watchdogInterval: nil)
        let failure = #expect(throws: NotifySocket.Failure.self) { try socket.notify(.watchdog) }
        #expect(failure?.message.contains("/nowhere/notify: No such file") ?? false)
    }
}
