import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Synchronization
import TestSupport

/// Stands between a client and a registry and spoils some of what passes.
final class FaultProxy: Sendable {
    enum Fault: String, CaseIterable, Sendable {
        case resetAtOnce, resetInRequest, resetInAnswer, truncatedAnswer, shortAnswer, wrongByte, lengthTooLarge, lengthTooSmall
        case internalError, badGateway, unavailable, tooMany, timeout
        case silence, slowDrip, brokenJSON, wrongDigestHeader, redirectToNowhere, redirectToItself, hugeAnswer, noLocation, noHTTP
        case endlessAnswer, emptyAnswer, unauthorized, forbiddenPage, redirectElsewhere

        /// It passes, and the client should get over it.
        var isTransient: Bool {
            [
                .resetAtOnce, .resetInRequest, .resetInAnswer, .truncatedAnswer, .internalError, .badGateway, .unavailable, .tooMany,
                .timeout,
                .slowDrip,
            ].contains(self)
        }
    }

    private let listener: Listener
    private let log = Log()

    private final class Log: Sendable { let spoiled = Mutex(0) }

    /// Requests that were spoiled so far.
    var spoiled: Int { log.spoiled.withLock { $0 } }

    var host: String { listener.host }

    /// `fault` says what happens to the request of that number (from 0 on); nil: nothing.
    init(to upstream: String, client: HTTPClient, fault: @escaping @Sendable (Int) -> Fault?) async throws {
        let count = Mutex(0)
        let log = log
        let next: @Sendable () -> Fault? = {
            let number = count.withLock {
                $0 += 1
                return $0 - 1
            }
            let fault = fault(number)
            if fault != nil { log.spoiled.withLock { $0 += 1 } }
            return fault
        }
        listener = try await Listener { channel in
            let pipeline = channel.pipeline.syncOperations
            try pipeline.configureHTTPServerPipeline(withPipeliningAssistance: false, withErrorHandling: false)
            try pipeline.addHandler(Handler(upstream: upstream, client: client, next: next))
        }
    }

    func close() async throws { try await listener.close() }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let upstream: String
        private let client: HTTPClient
        private let next: @Sendable () -> Fault?
        private var head: HTTPRequestHead?
        private var body = ByteBuffer()
        private var fault: Fault?

        init(upstream: String, client: HTTPClient, next: @escaping @Sendable () -> Fault?) {
            self.upstream = upstream
            self.client = client
            self.next = next
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body.clear()
                fault = next()
                if fault == .resetAtOnce { SpoiledExchange.reset(context.channel) }
            case .body(var buffer):
                body.writeBuffer(&buffer)
                if fault == .resetInRequest { SpoiledExchange.reset(context.channel) }
            case .end:
                guard let head else { return }
                let exchange = SpoiledExchange(
                    head: head, body: body, upstream: upstream, client: client, channel: context.channel, fault: fault)
                Task { await exchange.pass() }
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }
    }
}
