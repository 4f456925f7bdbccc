import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization

/// A small HTTP server inside the test that answers by script, wrongly if so asked.
final class FaultyServer: Sendable {
    struct Request: Sendable {
        var method: HTTPMethod
        /// With the query.
        var uri: String
        var headers: HTTPHeaders
        var bodySize: Int
        /// Of bodies up to 4 MiB.
        var body: [UInt8] = []
    }

    struct Answer: Sendable {
        var status: HTTPResponseStatus = .ok
        var headers: [(String, String)] = []
        var body: [UInt8] = []
        /// What Content-Length says; nil: the truth.
        var announcedSize: Int?
        /// Cut the connection after the body.
        var cuts = false
        /// Send head and body, but never the end.
        var stalls = false

        static func text(_ status: HTTPResponseStatus, _ text: String = "", headers: [(String, String)] = []) -> Answer {
            Answer(status: status, headers: headers, body: Array(text.utf8))
        }
    }

    typealias Script = @Sendable (Request) -> Answer

    private let channel: any Channel
    private let log = Log()

    /// `127.0.0.1:41234`
    let host: String

    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    /// Speaks TLS when given a context.
    init(tls: NIOSSLContext? = nil, _ script: @escaping Script) async throws {
        let log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
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
            .bind(host: "127.0.0.1", port: 0).get()
        host = "127.0.0.1:\(channel.localAddress?.port ?? 0)"
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
            case .head(let head): request = Request(method: head.method, uri: head.uri, headers: head.headers, bodySize: 0)
            case .body(let buffer):
                request?.bodySize += buffer.readableBytes
                if let size = request?.bodySize, size <= 4 << 20 { request?.body += Array(buffer.readableBytesView) }
            case .end:
                guard let request else { return }
                answer(script(request), to: request, context)
            }
        }

        /// What is not HTTP, a TLS greeting for example, ends the connection.
        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            context.close(promise: nil)
        }

        private func answer(_ answer: Answer, to request: Request, _ context: ChannelHandlerContext) {
            var headers = HTTPHeaders(answer.headers)
            if !headers.contains(name: "Content-Length") {
                headers.add(name: "Content-Length", value: "\(answer.announcedSize ?? answer.body.count)")
            }
            context.write(
                wrapOutboundOut(.head(HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers))), promise: nil)
            if request.method != .HEAD, !answer.body.isEmpty {
                context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: answer.body)))), promise: nil)
            }
            context.flush()
            if answer.cuts {
                context.close(promise: nil)
            } else if !answer.stalls {
                context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            }
        }
    }
}
