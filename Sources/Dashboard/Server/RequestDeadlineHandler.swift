import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes a connection whose request, head and body, is not there in time, however busily its bytes trickle in; and one
/// that is kept open too long without a request.
final class RequestDeadlineHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let connections: OpenConnections
    /// For a whole request, from the connection's beginning or from the end of its head on.
    private let requestTimeout: TimeAmount
    /// For the next request's head, from the last answer on.
    private let idleTimeout: TimeAmount
    private var closing: Scheduled<Void>?
    private var isReading = false
    /// Requests read, and not answered to the end.
    private var unanswered = 0
    private var isKnown = false

    init(connections: OpenConnections, requestTimeout: TimeAmount, idleTimeout: TimeAmount) {
        self.connections = connections
        self.requestTimeout = requestTimeout
        self.idleTimeout = idleTimeout
    }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { begin(context) }
    }

    func channelActive(context: ChannelHandlerContext) {
        begin(context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        closing?.cancel()
        connections.remove(context.channel)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            schedule(context, requestTimeout)
        case .body: break
        case .end:
            isReading = false
            unanswered += 1
            closing?.cancel()
            connections.note(context.channel, isWaiting: false)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            unanswered = max(0, unanswered - 1)
            if unanswered == 0 && !isReading {
                connections.note(context.channel, isWaiting: true)
                schedule(context, idleTimeout)
            }
        }
        context.write(data, promise: promise)
    }

    private func begin(_ context: ChannelHandlerContext) {
        guard !isKnown else { return }
        isKnown = true
        connections.add(context.channel)
        schedule(context, requestTimeout)
    }

    private func schedule(_ context: ChannelHandlerContext, _ timeout: TimeAmount) {
        closing?.cancel()
        let channel = context.channel
        closing = channel.eventLoop.scheduleTask(in: timeout) { channel.close(mode: .all, promise: nil) }
    }
}
