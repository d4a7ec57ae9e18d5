import Foundation
import Publishing
import Threads
import ZeroMQ

/// Everything that a monitor publishes, with when it came, over its restarts.
final class Listener: Sendable {
    struct Heard: Sendable {
        let seq: UInt64
        let epoch: String
        let json: [UInt8]
        /// Monotonic, and of the wall clock.
        let at: UInt64
        let unix: UInt64
    }

    private struct State: Sendable {
        var verdicts: [Heard] = []
        var heads: [(epoch: String, seq: UInt64)] = []
        var gaps = 0
    }

    private let state = Monitor(State())
    private let stopSignal = StopSignal()
    private let thread: JoinableThread

    init(to endpoint: String) {
        let state = state, stop = stopSignal
        thread = JoinableThread(name: "listener") {
            guard let context = try? Context(),
                let subscriber = try? VerdictSubscriber(
                    context: context, configuration: VerdictSubscriber.Configuration(endpoint: endpoint))
            else { return }
            while let event = try? subscriber.next(unless: stop) {
                switch event {
                case .verdict(let received):
                    let heard = Heard(
                        seq: received.seq, epoch: received.epoch, json: received.json, at: SystemClock().now,
                        unix: SystemClock.unixNanoseconds)
                    state.withLock { $0.verdicts.append(heard) }
                case .heartbeat(let beat): state.withLock { $0.heads.append((beat.epoch, beat.seq)) }
                case .gap: state.withLock { $0.gaps += 1 }
                default: break
                }
            }
            subscriber.close()
        }
    }

    var verdicts: [Heard] { state.withLock { $0.verdicts } }
    var gaps: Int { state.withLock { $0.gaps } }
    var heartbeats: Int { state.withLock { $0.heads.count } }

    /// Waits until so many verdicts were heard.
    func waitForVerdicts(_ count: Int, seconds: Double = 60) -> Bool {
        state.wait(until: SystemClock().after(.seconds(seconds))) { $0.verdicts.count >= count ? true : nil } ?? false
    }

    func waitForHeartbeat(after count: Int, seconds: Double = 60) -> Bool {
        state.wait(until: SystemClock().after(.seconds(seconds))) { $0.heads.count > count ? true : nil } ?? false
    }

    func stop() {
        stopSignal.raise()
        thread.join()
    }

    deinit { stop() }
}
