import Fleet
import Foundation

/// The folder of the parts that were handed to the pool and have no verdict in the journal yet: what is sent again after a
/// restart of ours, of a worker's or of the server's.
///
/// Files are not synchronised: they outlive a killed process, as all that this line promises of parts. After a power cut a torn one
/// is seen by its checksum, and its part is `not_decidable`, as one that was in memory.
struct PartSpool: Sendable {
    let folder: String
    private static let suffix = ".part"

    private static func folder(in state: String) -> String { state + "/spool" }

    /// What lies in the spool of a line that may be running or not; nothing is made or removed.
    static func waiting(in state: String) -> (parts: Int, bytes: Int) {
        let folder = folder(in: state), files = FileManager.default
        let names = ((try? files.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(suffix) }
        let sizes = names.map { ((try? files.attributesOfItem(atPath: folder + "/" + $0))?[.size] as? Int) ?? 0 }
        return (names.count, sizes.reduce(0, +))
    }

    init(_ state: String) throws {
        folder = Self.folder(in: state)
        do throws(SystemFailure) {
            try FolderWriter.makeFolders(folder)
        } catch {
            throw Failure("the spool \(folder) cannot be made: \(error)")
        }
    }

    func path(_ resultID: String) -> String { folder + "/" + resultID + Self.suffix }

    func write(_ bytes: [UInt8], as resultID: String) throws(SystemFailure) {
        let staging = folder + "/." + resultID
        let file = open(staging, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw SystemFailure() }
        do throws(SystemFailure) {
            try FolderWriter.write(bytes, to: file)
        } catch {
            close(file)
            unlink(staging)
            throw error
        }
        guard close(file) == 0, rename(staging, path(resultID)) == 0 else {
            let failure = SystemFailure()
            unlink(staging)
            throw failure
        }
    }

    func read(_ resultID: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(filePath: path(resultID)))) }

    func remove(_ resultID: String) { unlink(path(resultID)) }

    /// What a process before left, the oldest first. What is no part any more is removed, and told.
    ///
    /// - Parameter refused: is told of each with a sentence, and with its ticket, where that is whole.
    func parts(refused: (String, PartTicket?) -> Void) -> [(ticket: PartTicket, bytes: Int)] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        var parts: [(ticket: PartTicket, bytes: Int)] = []
        for name in names {
            guard name.hasSuffix(Self.suffix), !name.hasPrefix(".") else {
                unlink(folder + "/" + name)
                continue
            }
            let resultID = String(name.dropLast(Self.suffix.count))
            do {
                let bytes = try read(resultID)
                let ticket = try PartMessage(whole: bytes).ticket
                guard ticket.resultID == resultID else { throw FleetError("it is the part of \(ticket.resultID)") }
                parts.append((ticket, bytes.count))
            } catch {
                let torn = (try? read(resultID)).flatMap(PartMessage.ticket(ofTorn:))
                refused(
                    "\(path(resultID)) is not as it was written, and goes: \(error)",
                    torn?.resultID == resultID ? torn : nil)
                remove(resultID)
            }
        }
        return parts.sorted { $0.ticket.handedOverNs < $1.ticket.handedOverNs }
    }
}
