import TestPrograms
import Testing
import Threads

@testable import ServiceManager

@Suite(.timeLimit(.minutes(5))) struct ProgressTests {
    @Test func oneThreadThatStandsStillIsEnough() {
        let threads = ["a", "b"].map(ThreadProgress.init)
        var check = ProgressCheck(threads)
        #expect(check.standing() == [])
        #expect(check.standing() == ["a", "b"])
        threads[0].step()
        #expect(check.standing() == ["b"])
        // What the other did meanwhile is seen once both have moved.
        threads[1].step()
        #expect(check.standing() == [])
        threads[1].step()
        #expect(check.standing() == ["a"])
    }

    @Test func whatHasEndedOrTakesItsOwnTimeNeedNotMove() {
        let thread = ThreadProgress("a")
        var check = ProgressCheck([thread])
        #expect(check.standing() == [])
        thread.excused { #expect(check.standing() == []) }
        #expect(check.standing() == [])
        #expect(check.standing() == ["a"])
        thread.end()
        #expect(check.standing() == [] && check.standing() == [])
    }

    /// Idle, and held back by a full queue, is no standstill; and what comes is still taken at once.
    @Test func aThreadThatWaitsForAQueueMoves() async {
        let queue = BoundedQueue<Int>(capacity: 1)
        let (taking, putting) = (ThreadProgress("taking"), ThreadProgress("putting"))
        let taken = Monitor<[Int]>([])
        let taker = JoinableThread(name: "taker") {
            while case .element(let value) = queue.receive(noting: taking) { taken.withLock { $0.append(value) } }
        }
        await passes { taking.steps > 6 }
        #expect(queue.send(1, noting: putting) == .accepted)
        queue.close()
        taker.join()
        #expect(taken.withLock { $0 } == [1])

        let full = BoundedQueue<Int>(capacity: 1)
        full.send(1)
        let putter = JoinableThread(name: "putter") { full.send(2, noting: putting) }
        let before = putting.steps
        await passes { putting.steps > before + 5 }
        guard case .element(1) = full.receive() else { return #expect(Bool(false)) }
        putter.join()
        #expect(full.receive(deadline: 0, noting: taking).value == 2)
        #expect(full.send(3, deadline: 0, noting: putting) == .accepted)
        #expect(full.send(4, deadline: 0, noting: putting) == .timedOut)
        full.close()
        #expect(full.send(5, noting: putting) == .closed)
    }

    @Test func theManagerIsToldOfAllThatThePipelineDoes() async throws {
        let folder = try ScratchFolder("notify")
        let manager = try NotifyListener(folder.file("s"))
        let socket = try NotifySocket(path: folder.file("s"), watchdogInterval: .milliseconds(200))
        let reports = Monitor<[String]>([])
        let notifier = ServiceNotifier(socket, status: { "two parts" }) { text in reports.withLock { $0.append(text) } }
        // Before it serves nothing is told.
        notifier.beginReload()
        notifier.stopping()
        let threads = ["a", "b"].map(ThreadProgress.init)
        let ending = StopSignal(), wedge = StopSignal(), isWedged = StopSignal()
        let movers = threads.map { thread in
            JoinableThread(name: thread.name) {
                while !ending.isRaised {
                    if thread.name == "a" && wedge.isRaised {
                        isWedged.raise()
                        _ = ending.wait(until: nil)
                    }
                    thread.step()
                    _ = ending.wait(until: SystemClock().after(.milliseconds(5)))
                }
            }
        }
        notifier.ready(watching: threads)
        _ = await manager.message { $0 == "WATCHDOG=1" }
        #expect(manager.messages.first == "READY=1\nSTATUS=two parts")
        let wedged = manager.messages.count
        wedge.raise()
        await passes { isWedged.isRaised }
        _ = await manager.message(from: wedged) { $0.hasPrefix("STATUS=standing still: a") }
        let atStandstill = manager.messages.count
        notifier.beginReload()
        notifier.beginReload()
        notifier.endReload()
        notifier.endReload()
        notifier.stopping()
        _ = await manager.message { $0 == "STOPPING=1" }
        let after = manager.messages.dropFirst(atStandstill)
        ending.raise()
        movers.forEach { $0.join() }
        notifier.close()
        #expect(after.allSatisfy { $0 != "WATCHDOG=1" }, "\(after)")
        #expect(after.filter { $0.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") }.count == 2)
        #expect(after.filter { $0.hasPrefix("READY=1") }.count == 1)
        // On a busy machine b may have stood too, or been told of before.
        let told = reports.withLock { $0 }
        #expect(
            told.contains { $0.hasPrefix("the watchdog is not fed: a") && $0.hasSuffix("for 0.05 seconds") }, "\(told)")
    }

    /// Waits until `condition` holds, while others use the pool.
    private func passes(_ condition: () -> Bool) async {
        while !condition() { await Task.yield() }
    }
}

extension QueueDelivery {
    fileprivate var value: Element? { if case .element(let value) = self { value } else { nil } }
}
