import Ingest
import Journal
import ZeroMQ

/// Where a line's frames come from, if not from a recording.
extension InspectionLine {
    static func socketSource(
        _ context: Context, _ configuration: LineConfiguration, _ access: SocketAccess, _ summary: RunSummary,
        _ journal: Journal?, _ refusals: RefusalAlertLog?
    ) throws -> ZeroMQFrameSource {
        let log = journal.map(SourceAlertLog.init)
        func options(_ mode: ZeroMQFrameSource.Mode, _ security: SocketSecurity) -> ZeroMQFrameSource.Configuration {
            var options = ZeroMQFrameSource.Configuration(mode: mode)
            options.allowInsecure = access.allowInsecure
            options.options.security = security
            options.arrays = configuration.settings.arrays
            options.onConnection = {
                summary.note($0)
                refusals?.note($0)
            }
            options.onAlert = { alert in
                summary.note(alert)
                log?.store(alert)
            }
            return options
        }
        var isListening = false
        var sockets: [ZeroMQFrameSource.Configuration] = []
        switch configuration.input {
        case .bind(let endpoint):
            isListening = true
            sockets = [options(.bind(endpoint), access.server)]
        case .connect(let endpoints):
            sockets = endpoints.enumerated().map { options(.connect($1), access.client($0)) }
        case .capture, .nothing: break
        }
        do throws(ZeroMQError) {
            return try ZeroMQFrameSource(context: context, configurations: sockets)
        } catch {
            throw Failure("\(configuration.label(isListening ? .bind : .connect)): \(error.message)")
        }
    }
}
