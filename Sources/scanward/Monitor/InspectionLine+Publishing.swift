import Journal
import Publishing
import ZeroMQ

/// Where a line's verdicts go out: live, and from the journal.
extension InspectionLine {
    static func withheld(_ error: JournalError) -> String {
        "the journal cannot store verdicts any more, and what is not stored is not published: \(error.message)"
    }

    static func publisher(
        at endpoint: String, _ context: Context, _ configuration: LineConfiguration, _ access: SocketAccess,
        _ builder: VerdictBuilder, _ journal: Journal?
    ) throws -> VerdictPublisher {
        var publishing = VerdictPublisher.Configuration(
            endpoint: endpoint, line: configuration.line, station: configuration.station, epoch: builder.epoch)
        publishing.head = builder.headSeq
        publishing.allowInsecure = access.allowInsecure
        publishing.options.security = access.server
        if let journal {
            publishing.isReady = { [weak journal] in journal?.readiness == .ready }
            // A subscriber that stands still is caught up from the journal: nothing need be held for it for long.
            publishing.options.sendHighWaterMark = 200
            publishing.didPublish = { [weak journal] in journal?.notePublished($0) }
        }
        do throws(PublishingError) {
            return try VerdictPublisher(context: context, configuration: publishing)
        } catch {
            throw Failure("\(configuration.label(.publish)): \(error.message)")
        }
    }

    static func replay(
        _ context: Context, _ configuration: LineConfiguration, _ access: SocketAccess, _ journal: Journal?
    ) throws -> VerdictReplay? {
        guard let journal, let endpoint = configuration.replay else { return nil }
        var answering = VerdictReplay.Configuration(
            endpoint: endpoint, line: configuration.line, station: configuration.station)
        answering.allowInsecure = access.allowInsecure
        answering.options.security = access.server
        do throws(PublishingError) {
            return try VerdictReplay(
                context: context, configuration: answering, store: JournalStore(journal: journal))
        } catch {
            throw Failure("\(configuration.label(.replay)): \(error.message)")
        }
    }
}
