import NIOCore
package import NIOHTTP1
package import NIOSSL
import Synchronization

/// A small HTTP server inside the test that answers by script, wrongly if so asked.
package final class ScriptedServer: Sendable {
    package struct Request: Sendable {
        package var method: HTTPMethod
        /// With the query.
        package var uri: String
        package var headers: HTTPHeaders
        package var bodySize = 0
        /// Of bodies up to 64 MiB.
        package var body: [UInt8] = []
    }

    package struct Answer: Sendable {
        package var status: HTTPResponseStatus
        package var headers: [(String, String)]
        package var body: [UInt8]
        /// What Content-Length says; nil: the truth, or nothing at all where the end does not come.
        package var announcedSize: Int?
        /// Cut the connection after the body.
        package var cuts: Bool
        /// Send head and body, but never the end.
        package var stalls: Bool
        /// Not even the head.
        package var isSilent: Bool

        package init(
            status: HTTPResponseStatus = .ok, headers: [(String, String)] = [], body: [UInt8] = [], announcedSize: Int? = nil,
            cuts: Bool = false, stalls: Bool = false, isSilent: Bool = false
        ) {
            self.status = status
            self.headers = headers
            self.body = body
            self.announcedSize = announcedSize
            self.cuts = cuts
            self.stalls = stalls
            self.isSilent = isSilent
        }

        package static func text(_ status: HTTPResponseStatus, _ text: String = "", headers: [(String, String)] = []) -> Answer {
            Answer(status: status, headers: headers, body: Array(text.utf8))
        }
    }

    package typealias Script = @Sendable (Request) -> Answer

    private let listener: Listener
    private let log = Log()

    private final class Log: Sendable {
        let requests = Mutex<[Request]>([])
    }

    /// Speaks TLS when given a context.
    package init(on place: Listener.Place = .port, tls: NIOSSLContext? = nil, _ script: @escaping Script) async throws {
        let log = log
        listener = try await Listener(on: place) { channel in
            let pipeline = channel.pipeline.syncOperations
            if let tls { try pipeline.addHandler(NIOSSLServerHandler(context: tls)) }
            try pipeline.configureHTTPServerPipeline(withErrorHandling: false)
            try pipeline.addHandler(
                Handler { request in
                    log.requests.withLock { $0.append(request) }
                    return script(request)
                })
        }
    }

    package var port: Int { listener.port }
    package var host: String { listener.host }
    package var path: String { listener.path }
    package var requests: [Request] { log.requests.withLock { $0 } }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart
        private let script: Script
        private var request: Request?

        init(_ script: @escaping Script) { self.script = script }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head): request = Request(method: head.method, uri: head.uri, headers: head.headers)
            case .body(let buffer):
                request?.bodySize += buffer.readableBytes
                if let size = request?.bodySize, size <= 64 << 20 { request?.body += Array(buffer.readableBytesView) }
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
            if answer.isSilent { return }
            var headers = HTTPHeaders(answer.headers)
            if answer.announcedSize == nil, answer.cuts || answer.stalls {
                headers.add(name: "Transfer-Encoding", value: "chunked")
            } else if !headers.contains(name: "Content-Length") {
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
