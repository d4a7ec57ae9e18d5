import Fleet
import Foundation
import MonitorConfiguration
import NATSTransport
import ParallelLoops
import ServiceLifecycle
import Threads

/// `run --role score`: takes parts of all lines, one at a time, and answers each.
///
/// A part is acknowledged once its answer is with the server. Until then it is this worker's for as long as it says that it is
/// at work; killed, it says nothing, and another worker gets the part. The next part is taken while the answer on the last one is
/// on its way; none is taken ahead, as it might be another worker's meanwhile.
final class ScoringWorker: Service {
    let name: String
    let link: FleetLink
    let models: WorkerModels
    let rule = RedeliveryRule()
    let lease: LeaseKeeper
    let answers: AnswerSender
    let clouds: CloudSender
    let stop = StopSignal()
    /// Counts what tells of new parts.
    private let calls = Monitor(0)
    private let untilParts: Int?
    let progress = [ThreadProgress("worker")]

    /// - Parameter untilParts: ends it after so many answers.
    init(_ settings: MonitorSettings, untilParts: Int?) throws {
        guard let state = settings.stateFolder else { throw Failure("the models of a worker go with --state") }
        self.untilParts = untilParts
        name = "\(ProcessInfo.processInfo.hostName)-\(getpid())"
        link = try FleetLink(settings.fleet, name: "scanward score \(name)")
        models = try WorkerModels(
            folder: state + "/models", depot: ModelDepot(streams: link.streams),
            workers: settings.threads.map(Workers.init(count:)) ?? .all)
        lease = LeaseKeeper(name, streams: link.streams)
        clouds = CloudSender(streams: link.streams)
        answers = AnswerSender(worker: name, streams: link.streams, lease: lease, stop: stop)
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await withCheckedContinuation { (finished: CheckedContinuation<Void, Never>) in
                _ = JoinableThread(name: "worker") { [self] in
                    // Without it a part waits until the next round.
                    try? link.connection.listen(to: FleetNames.call) { [calls] in calls.withLock { $0 += 1 } }
                    work()
                    answers.finish()
                    clouds.finish()
                    lease.stop()
                    link.connection.close()
                    progress[0].end()
                    finished.resume()
                }
            }
        } onGracefulShutdown: { [stop, calls] in
            stop.raise()
            calls.withLock { $0 += 1 }
        }
    }

    /// What it did so far, in one line.
    var status: String {
        let report = lease.report
        return "\(report.parts) parts scored, \(report.returned) returned, \(report.abandoned) given up"
    }

    // MARK: Lines in turn

    /// Time between two looks for lines that are new.
    private static let rediscovery = Duration.seconds(2)
    /// The longest that a part waits of which nothing tells: one that is given out again, or whose call was lost.
    private static let round = Duration.milliseconds(250)
    private static let few = 3

    private func work() {
        var rotation = LineRotation(), leases: [String: Duration] = [:]
        var lookAgain: UInt64 = 0, answered = 0
        let teller = RefusalTeller()
        while !stop.isRaised, answered < untilParts ?? .max {
            progress[0].step()
            let heard = calls.withLock { $0 }
            let watch = PartWatch()
            do throws(NATSError) {
                guard link.streams.isConnected else { throw NATSError(.unreachable, "") }
                if SystemClock().now >= lookAgain {
                    leases = try lines()
                    rotation.update(leases.keys)
                    lookAgain = SystemClock().after(Self.rediscovery)
                }
                if let (line, delivery) = try next(rotation) {
                    rotation.noteServed(line)
                    progress[0].excused { score(delivery, of: line, lease: leases[line] ?? .seconds(15), watch) }
                    answered += 1
                } else {
                    _ = calls.wait(until: SystemClock().after(Self.round)) { $0 != heard ? true : nil }
                }
                teller.recovered()
            } catch {
                lookAgain = 0
                teller.tell(error)
                stop.wait(until: SystemClock().after(.milliseconds(250)))
            }
        }
    }

    /// The lines that there are, with how long a part of theirs may be silent.
    private func lines() throws(NATSError) -> [String: Duration] {
        var leases: [String: Duration] = [:]
        for consumer in try link.streams.consumers(of: FleetNames.parts) {
            guard let line = FleetNames.line(ofConsumer: consumer.name) else { continue }
            leases[line] = .nanoseconds(Int64(clamping: consumer.config.lease))
        }
        return leases
    }

    /// Lines that may have a part: with many, the server is asked once which have any, and not each line in vain.
    private func candidates(_ rotation: LineRotation) throws(NATSError) -> [String] {
        let order = rotation.order
        guard order.count > Self.few else { return order }
        let subjects = try link.streams.info(FleetNames.parts, subjects: "scanward.part.*").state.subjects ?? [:]
        return order.filter { subjects[FleetNames.part(of: $0)] != nil }
    }

    private func next(_ rotation: LineRotation) throws(NATSError) -> (String, Delivery)? {
        for line in try candidates(rotation) {
            do throws(NATSError) {
                if let delivery = try link.streams.next(FleetNames.consumer(of: line), of: FleetNames.parts) {
                    return (line, delivery)
                }
            } catch {
                // A line that went since.
                guard error.code == .noResponders else { throw error }
            }
        }
        return nil
    }
}
