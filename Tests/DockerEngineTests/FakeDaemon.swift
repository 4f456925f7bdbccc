import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import TestSupport

/// A daemon inside the test, on a socket of its own, that answers by script, wrongly if so asked.
final class FakeDaemon: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        /// With the query.
        var uri: String
        var host: String?
        var body: [UInt8] = []
    }

    struct Answer: Sendable {
        var status: HTTPResponseStatus = .ok
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// Cut the connection after the body.
        var cuts = false
        /// Send head and body, but never the end.
        var stalls = false
        /// Not even the head.
        var isSilent = false

        static func text(_ status: HTTPResponseStatus, _ text: String = "", headers: [(String, String)] = []) -> Answer {
            Answer(status: status, headers: headers, body: Array(text.utf8))
        }
    }

    typealias Script = @Sendable (Request) -> Answer

    /// Of its socket; empty for one on the network.
    let path: String
    private let channel: any Channel
    private let log = Log()

    private final class Log: Sendable { let requests = Mutex<[Request]>([]) }

    init(at path: String, _ script: @escaping Script) async throws {
        self.path = path
        channel = try await Self.bootstrap(log, tls: nil, script).bind(unixDomainSocketPath: path).get()
    }

    /// On a port of this machine, with TLS when given a context.
    init(tls: NIOSSLContext?, _ script: @escaping Script) async throws {
        path = ""
        channel = try await Self.bootstrap(log, tls: tls, script).bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }

    private static func bootstrap(_ log: Log, tls: NIOSSLContext?, _ script: @escaping Script) -> ServerBootstrap {
        ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls { try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls)) }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(
                        Handler { request in
                            log.requests.withLock { $0.append(request) }
                            return script(request)
                        })
                }
            }
    }

    deinit { channel.close(promise: nil) }

    var requests: [Request] { log.requests.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let script: Script
        private var request: Request?

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(method: head.method, uri: head.uri, host: head.headers.first(name: "Host"))
            case .body(let buffer): request?.body += Array(buffer.readableBytesView)
            case .end:
                guard let request else { return }
                answer(script(request), context)
            }
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        private func answer(_ answer: Answer, _ context: ChannelHandlerContext) {
            if answer.isSilent { return }
            var headers = HTTPHeaders(answer.headers)
            if answer.cuts || answer.stalls {
                headers.add(name: "Transfer-Encoding", value: "chunked")
            } else {
                headers.add(name: "Content-Length", value: "\(answer.body.count)")
            }
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers))), promise: nil)
            if !answer.body.isEmpty { context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil) }
            context.flush()
            if answer.cuts {
                context.close(promise: nil)
            } else if !answer.stalls {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
