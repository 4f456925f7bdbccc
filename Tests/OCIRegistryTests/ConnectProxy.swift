import NIOCore
import NIOPosix
import Synchronization
import TestSupport

/// A proxy that tunnels every CONNECT to one server, whatever was asked for.
final class ConnectProxy: Sendable {
    private let listener: Listener
    private let log = Log()

    private final class Log: Sendable {
        let heads = Mutex<[String]>([])
    }

    /// `credentials` is the `Proxy-Authorization` that it wants; nil: none.
    init(to upstream: String, credentials: String? = nil) async throws {
        let log = log
        let port = upstream.split(separator: ":").last.flatMap { Int($0) } ?? 0
        listener = try await Listener { channel in
            try channel.pipeline.syncOperations.addHandler(
                Greeter(port: port, credentials: credentials) { head in log.heads.withLock { $0.append(head) } })
        }
    }

    var host: String { listener.host }

    /// What clients said before their tunnels were opened.
    var heads: [String] { log.heads.withLock { $0 } }

    private final class Greeter: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer
        private let port: Int
        private let credentials: String?
        private let note: @Sendable (String) -> Void
        private var head = ""
        private var upstream: (any Channel)?

        init(port: Int, credentials: String?, note: @escaping @Sendable (String) -> Void) {
            self.port = port
            self.credentials = credentials
            self.note = note
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var buffer = unwrapInboundIn(data)
            if let upstream { return upstream.writeAndFlush(buffer, promise: nil) }
            head += buffer.readString(length: buffer.readableBytes) ?? ""
            guard head.hasSuffix("\r\n\r\n") else { return }
            note(head)
            if let credentials, !head.contains(credentials) {
                let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n"
                context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: refusal)), promise: nil)
                return
            }
            let client = context.channel
            let connection = ClientBootstrap(group: context.eventLoop)
                .channelInitializer { channel in
                    channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Returner(to: client)) }
                }
                .connect(host: "127.0.0.1", port: port)
            connection.assumeIsolated().whenSuccess { channel in
                self.upstream = channel
                client.writeAndFlush(ByteBuffer(string: "HTTP/1.1 200 OK\r\n\r\n"), promise: nil)
            }
        }

        func channelInactive(context: ChannelHandlerContext) { upstream?.close(promise: nil) }
    }

    private final class Returner: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        private let client: any Channel

        init(to client: any Channel) { self.client = client }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) { client.writeAndFlush(unwrapInboundIn(data), promise: nil) }
        func channelInactive(context: ChannelHandlerContext) { client.close(promise: nil) }
    }
}
