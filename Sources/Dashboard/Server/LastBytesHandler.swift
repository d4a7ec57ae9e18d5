import NIOCore
import NIOHTTPTypes

/// Lets an answer that is written to its end reach the client before its connection is closed.
///
/// A close drops what is not with the kernel yet. Hummingbird closes right behind the end of an answer once it shuts down: a
/// follower that was a moment behind would miss the last verdicts, and the mark that tells an end from a cut.
final class LastBytesHandler: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// How long a close waits for the client.
    private let patience: TimeAmount
    /// Ends of answers that are not with the kernel.
    private var unsent = 0
    /// Is told of the close that waits.
    private var closing: EventLoopPromise<Void>?

    init(patience: TimeAmount) { self.patience = patience }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard case .end = unwrapOutboundIn(data) else { return context.write(data, promise: promise) }
        let sent = promise ?? context.eventLoop.makePromise()
        unsent += 1
        sent.futureResult.assumeIsolated().whenComplete { _ in
            self.unsent -= 1
            if self.unsent == 0 { self.closeNow(context) }
        }
        context.write(data, promise: sent)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        guard mode == .all, unsent > 0 else { return context.close(mode: mode, promise: promise) }
        if let closing {
            closing.futureResult.cascade(to: promise)
        } else {
            closing = promise ?? context.eventLoop.makePromise()
            context.eventLoop.assumeIsolated().scheduleTask(in: patience) { self.closeNow(context) }
        }
    }

    private func closeNow(_ context: ChannelHandlerContext) {
        guard let promise = closing else { return }
        closing = nil
        unsent = 0
        context.close(mode: .all, promise: promise)
    }
}
