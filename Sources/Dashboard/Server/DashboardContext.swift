import Hummingbird
import NIOCore

/// What is known of a request beside itself.
struct DashboardContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The peer's address, for counting wrong tries.
    let address: String
    var caller = Caller(role: nil, name: "")

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        address = source.channel.remoteAddress?.ipAddress ?? ""
    }
}
