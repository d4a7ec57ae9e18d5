import Fleet
import Foundation
import Inspection
import MonitorConfiguration
import NATSTransport
import ParallelLoops
import ServiceLifecycle
import Threads

/// `run --role score`: takes parts of all lines, one at a time, and answers each.
///
/// A part is acknowledged once its answer is with the server. Until then it is this worker's for as long as it says that it is
/// at work; killed, it says nothing, and another worker gets the part.
final class ScoringWorker: Service {
    let name: String
    private let link: FleetLink
    private let models: WorkerModels
    private let rule = RedeliveryRule()
    let lease: LeaseKeeper
    private let stop = StopSignal()
    /// Raised when the server lets us in no more.
    private let isShutOut = StopSignal()
    private let untilParts: Int?
    let progress = [ThreadProgress("worker")]

    /// - Parameter untilParts: ends it after so many answers.
    init(_ settings: MonitorSettings, untilParts: Int?) throws {
        guard let state = settings.stateFolder else { throw Failure("the models of a worker go with --state") }
        self.untilParts = untilParts
        name = "\(ProcessInfo.processInfo.hostName)-\(getpid())"
        link = try FleetLink(
            settings.fleet, name: "scanward score \(name)",
            ended: { [stop, isShutOut] in
                isShutOut.raise()
                stop.raise()
            })
        models = try WorkerModels(
            folder: state + "/models", depot: ModelDepot(streams: link.streams),
            workers: settings.threads.map(Workers.init(count:)) ?? .all)
        lease = LeaseKeeper(name, streams: link.streams)
    }

    func run() async throws {
        await withGracefulShutdownHandler {
            await withCheckedContinuation { (finished: CheckedContinuation<Void, Never>) in
                _ = JoinableThread(name: "worker") { [self] in
                    work()
                    lease.stop()
                    link.connection.close()
                    progress[0].end()
                    finished.resume()
                }
            }
        } onGracefulShutdown: { [stop] in
            stop.raise()
        }
        if isShutOut.isRaised { throw Failure("the fleet's server lets this worker in no more") }
    }

    /// What it did so far, in one line.
    var status: String {
        let report = lease.report
        return "\(report.parts) parts scored, \(report.returned) returned, \(report.abandoned) given up"
    }

    // MARK: Lines in turn

    /// Time between two looks for lines that are new.
    private static let rediscovery = Duration.seconds(2)
    /// The longest that a part waits that is given out again, as nothing new tells of it.
    private static let round = Duration.milliseconds(500)
    private static let few = 3
    private static let pause = Duration.milliseconds(20)

    private func work() {
        var rotation = LineRotation(), leases: [String: Duration] = [:]
        var isIdle = false, known: UInt64 = 0, lookAgain: UInt64 = 0, roundDue: UInt64 = 0, answered = 0
        var teller = RefusalTeller()
        while !stop.isRaised, answered < untilParts ?? .max {
            progress[0].step()
            do throws(NATSError) {
                guard link.streams.isConnected else { throw NATSError(.unreachable, "") }
                if SystemClock().now >= lookAgain {
                    leases = try lines()
                    rotation.update(leases.keys)
                    lookAgain = SystemClock().after(Self.rediscovery)
                }
                // One question for all lines, while there is nothing to do: has any part come?
                let head = isIdle ? try link.streams.info(FleetNames.parts).state.lastSequence : 0
                if isIdle, head == known, SystemClock().now < roundDue {
                    stop.wait(until: SystemClock().after(Self.pause))
                    continue
                }
                if let (line, delivery) = try next(rotation) {
                    rotation.noteServed(line)
                    isIdle = false
                    progress[0].excused { score(delivery, of: line, lease: leases[line] ?? .seconds(15)) }
                    answered += 1
                } else {
                    (isIdle, known) = (true, head)
                    roundDue = SystemClock().after(Self.round)
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

    // MARK: One part

    private func score(_ delivery: Delivery, of line: String, lease time: Duration) {
        let started = SystemClock().now
        lease.begin(delivery, of: line, lease: time)
        defer { lease.end() }
        let received: PartMessage.Received
        do throws(FleetError) {
            received = try PartMessage.Received(delivery.payload)
        } catch {
            // Nobody can be answered: the line sends it again, once it finds that it is gone.
            Terminal.error("scanward: a part of \(printable(line)) is refused: \(printable(error.message))")
            lease.note(.returned)
            bury(delivery, of: line, as: "unreadable.\(delivery.sequence)")
            return acknowledge(delivery)
        }
        let ticket = received.ticket
        do throws(NATSError) {
            if try decide(ticket, delivery) == .score {
                // Known before it can kill us.
                _ = try link.streams.publish(FleetNames.began(ticket.resultID, of: line), [], id: nil)
            } else {
                return abandon(ticket, delivery, of: line)
            }
        } catch {
            // The link is cut: once the lease has run out the part is whose who has one.
            return Terminal.error("scanward: a part is let go: \(printable(FleetStreams.sentence(error)))")
        }
        do {
            let (json, milliseconds) = try verdict(received)
            answer(.verdict(json), ticket, delivery, id: ticket.resultID)
            lease.note(
                .scored(part: Double((SystemClock().now - started) / 1000) / 1000, scoring: milliseconds),
                models: models.ids)
        } catch {
            let sentence = (error as? NATSError).map(FleetStreams.sentence) ?? "\(error)"
            Terminal.error(
                "scanward: part \(printable(ticket.partID)) of \(printable(line)) is returned: \(printable(sentence))")
            lease.note(.returned)
            answer(.returned(sentence), ticket, delivery, id: "\(ticket.resultID).returned.\(delivery.sequence)")
        }
    }

    private func decide(_ ticket: PartTicket, _ delivery: Delivery) throws(NATSError) -> RedeliveryRule.Decision {
        guard delivery.deliveries > rule.workers else { return .score }
        let subject = FleetNames.began(ticket.resultID, of: ticket.line)
        let began = try link.streams.info(FleetNames.began, subjects: subject).state.subjects?[subject] ?? 0
        return rule.decide(deliveries: delivery.deliveries, began: { Int(began) })
    }

    private func abandon(_ ticket: PartTicket, _ delivery: Delivery, of line: String) {
        Terminal.error(
            "scanward: part \(printable(ticket.partID)) of \(printable(line)) is given up: \(rule.workers) workers died of it"
        )
        lease.note(.abandoned)
        bury(delivery, of: line, as: ticket.resultID)
        answer(.abandoned(deaths: rule.workers), ticket, delivery, id: "\(ticket.resultID).abandoned")
    }

    /// - Returns: the verdict without its number, and how long scoring took, ms.
    private func verdict(_ received: PartMessage.Received) throws -> (json: [UInt8], milliseconds: Double) {
        let ticket = received.ticket
        var chunks: [[UInt8]] = []
        for index in 0..<received.chunks {
            let subject = FleetNames.chunk(index, of: ticket.resultID, line: ticket.line)
            guard let chunk = try link.streams.last(of: subject, in: FleetNames.chunks) else {
                throw Failure("chunk \(index) of \(received.chunks) of its points is not there")
            }
            chunks.append(chunk.payload)
        }
        let part = ticket.part(points: try received.message(chunks: chunks).points())
        var judge = try models.judge(for: ticket)
        let resultID = judge.resultID(of: part)
        guard resultID == ticket.resultID else {
            throw Failure("expected a part with the result_id \(ticket.resultID), found \(resultID) of what arrived")
        }
        let started = SystemClock().now
        let judgement = judge.judge(part, resultID: resultID, arrivedAt: started)
        return (try judgement.verdict.json(), Double((SystemClock().now - started) / 1000) / 1000)
    }

    /// Answers until the server has it; the line may have waited for this one part.
    private func answer(_ content: FleetAnswer.Content, _ ticket: PartTicket, _ delivery: Delivery, id: String) {
        let bytes: [UInt8]
        do throws(FleetError) {
            bytes = try FleetAnswer(resultID: ticket.resultID, worker: name, content: content).encoded()
        } catch {
            // Every answer can be written by construction; without one the part is another worker's.
            return Terminal.error("scanward: \(error.message)")
        }
        while true {
            do throws(NATSError) {
                _ = try link.streams.publish(FleetNames.answer(to: ticket.line), bytes, id: id)
                return acknowledge(delivery)
            } catch {
                guard error.isTransient, !stop.isRaised else {
                    Terminal.error("scanward: an answer is lost: \(printable(FleetStreams.sentence(error)))")
                    return
                }
                stop.wait(until: SystemClock().after(.milliseconds(250)))
            }
        }
    }

    private func bury(_ delivery: Delivery, of line: String, as id: String) {
        do throws(NATSError) {
            _ = try link.streams.publish(FleetNames.dead(of: line), delivery.payload, id: id)
        } catch {
            Terminal.error(
                "scanward: a part does not reach \(FleetNames.dead): \(printable(FleetStreams.sentence(error)))")
        }
    }

    /// Unacknowledged, the part would be scored once more, and its second verdict be dropped.
    private func acknowledge(_ delivery: Delivery) { try? link.streams.acknowledge(delivery) }
}
