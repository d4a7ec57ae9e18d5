import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// What is known of a request beside itself.
struct DashboardContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    private let peer: ClientAddress
    var caller = Caller(role: nil, name: "")

    init(source: ApplicationRequestContextSource) {
        coreContext = .init(source: source)
        peer = ClientAddress(source.channel.remoteAddress?.ipAddress)
    }

    /// Who sent a request: where a proxy of this machine did, whom that names last.
    func sender(of request: Request) -> ClientAddress {
        guard peer.isLoopback, let name = HTTPField.Name("X-Forwarded-For"),
            let last = request.headers[values: name].last?.split(separator: ",").last
        else { return peer }
        return ClientAddress(last.trimmingCharacters(in: .whitespaces))
    }
}
