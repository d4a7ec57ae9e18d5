import Dispatch
import Glibc
import Threads

/// Calls `body` on each SIGHUP, until the source returned is cancelled. One listener hears it: a second one would keep both
/// from it.
func onHangup(_ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal { on(SIGHUP, body) }

/// Raises `stop` on SIGINT and SIGTERM, until the sources returned are cancelled.
func stopOnSignals(_ stop: StopSignal) -> [any DispatchSourceSignal] {
    [SIGINT, SIGTERM].map { on($0) { stop.raise() } }
}

private func on(_ number: Int32, _ body: @escaping @Sendable () -> Void) -> any DispatchSourceSignal {
    signal(number, SIG_IGN)
    let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
    source.setEventHandler { body() }
    source.resume()
    return source
}
