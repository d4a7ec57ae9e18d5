import NIOCore

/// Closes a connection whose client has taken nothing for too long: what waits to be written to it would wait for ever,
/// as the time limit for idle connections does not run within a response.
///
/// A write waits while more than NIO's high-water mark (64 KiB) is not yet with the kernel, and goes on below its
/// low-water mark: a client is too slow that takes less than these 32 KiB within the timeout.
final class StalledClientHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private var timeout: TimeAmount
    /// The timeout while the server shuts down.
    private let lastTimeout: TimeAmount
    private var closing: Scheduled<Void>?

    init(timeout: TimeAmount, lastTimeout: TimeAmount) {
        self.timeout = timeout
        self.lastTimeout = lastTimeout
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        watch(context.channel)
        context.fireChannelWritabilityChanged()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            timeout = min(timeout, lastTimeout)
            watch(context.channel)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        closing?.cancel()
        context.fireChannelInactive()
    }

    private func watch(_ channel: any Channel) {
        closing?.cancel()
        closing = nil
        guard !channel.isWritable else { return }
        closing = channel.eventLoop.scheduleTask(in: timeout) { channel.close(mode: .all, promise: nil) }
    }
}
