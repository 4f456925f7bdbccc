import AsyncHTTPClient
import Glibc
import NIOCore
import NIOHTTP1
import TestSupport

/// One request and its answer on the way through a `FaultProxy`.
struct SpoiledExchange: Sendable {
    var head: HTTPRequestHead
    var body: ByteBuffer
    var upstream: String
    var client: HTTPClient
    var channel: any Channel
    var fault: FaultProxy.Fault?

    /// Hangs up without a farewell.
    static func reset(_ channel: any Channel) {
        guard let options = channel as? any SocketOptionProvider else { return channel.close(promise: nil) }
        options.setSoLinger(linger(l_onoff: 1, l_linger: 0)).whenComplete { _ in channel.close(promise: nil) }
    }

    func pass() async {
        if fault == .silence { return }
        do {
            var request = HTTPClientRequest(url: "http://\(upstream)\(head.uri)")
            request.method = head.method
            request.headers = head.headers
            // So the registry names the proxy in what it answers.
            request.headers.remove(name: "Content-Length")
            if body.readableBytes > 0 { request.body = .bytes(body) }
            let response = try await client.execute(request, timeout: .seconds(30))
            var bytes = try await response.body.collect(upTo: 64 << 20)
            var answer = ScriptedServer.Answer(
                status: response.status, headers: response.headers.map { ($0.name, $0.value) },
                body: bytes.readBytes(length: bytes.readableBytes) ?? [])
            let isHead = head.method == .HEAD
            let announced = response.headers.first(name: "Content-Length").flatMap { Int($0) } ?? answer.body.count
            answer.headers.removeAll { ["content-length", "transfer-encoding", "connection"].contains($0.0.lowercased()) }
            answer.announcedSize = isHead ? announced : answer.body.count
            try await write(spoiled(answer), isHead: isHead)
        } catch {
            channel.close(promise: nil)
        }
    }

    private func spoiled(_ answer: ScriptedServer.Answer) -> ScriptedServer.Answer {
        var answer = answer
        func plain(_ status: HTTPResponseStatus, _ text: String = "", headers: [(String, String)] = []) -> ScriptedServer.Answer {
            var answer = ScriptedServer.Answer.text(status, text, headers: headers)
            answer.announcedSize = text.utf8.count
            return answer
        }
        switch fault {
        case .shortAnswer:
            answer.body.removeLast(answer.body.count / 2)
            answer.announcedSize = answer.body.count
        case .wrongByte: if !answer.body.isEmpty { answer.body[answer.body.count / 2] ^= 0x20 }
        case .lengthTooLarge:
            answer.announcedSize = (answer.announcedSize ?? 0) + 100
            answer.cuts = true
        case .lengthTooSmall: answer.announcedSize = max(0, (answer.announcedSize ?? 0) - 1)
        case .truncatedAnswer:
            answer.body.removeLast((answer.body.count + 1) / 2)
            answer.cuts = true
        case .internalError: return plain(.internalServerError, "<html>")
        case .badGateway: return plain(.badGateway)
        case .unavailable: return plain(.serviceUnavailable, #"{"errors":[]}"#)
        case .tooMany: return plain(.tooManyRequests, headers: [("Retry-After", "0")])
        case .timeout: return plain(.requestTimeout)
        case .brokenJSON:
            answer.body = Array("{\"schemaVersion\": 2, \"layers\": [".utf8)
            answer.announcedSize = answer.body.count
        case .wrongDigestHeader:
            answer.headers.removeAll { $0.0.lowercased() == "docker-content-digest" }
            answer.headers.append(("Docker-Content-Digest", "sha256:" + String(repeating: "0", count: 64)))
        case .redirectToNowhere: return plain(.temporaryRedirect, headers: [("Location", "http://127.0.0.1:1/x")])
        case .redirectToItself: return plain(.found, headers: [("Location", head.uri)])
        // To the registry itself, which is another host to the client, and answers as it should.
        case .redirectElsewhere: return plain(.temporaryRedirect, headers: [("Location", "http://\(upstream)\(head.uri)")])
        case .hugeAnswer:
            answer.body = [UInt8](repeating: UInt8(ascii: " "), count: 5 << 20)
            answer.announcedSize = answer.body.count
        case .noLocation: answer.headers.removeAll { $0.0.lowercased() == "location" }
        case .endlessAnswer: answer.stalls = true
        case .emptyAnswer:
            answer.body = []
            answer.announcedSize = 0
        case .unauthorized: return plain(.unauthorized, headers: [("WWW-Authenticate", "Negotiate")])
        case .forbiddenPage: return plain(.forbidden, "<html>go away</html>")
        default: break
        }
        return answer
    }

    private func write(_ answer: ScriptedServer.Answer, isHead: Bool) async throws {
        if fault == .noHTTP {
            // Past the encoder, which is not the head of the pipeline.
            try await channel.eventLoop.submit {
                guard let encoder = try? channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else { return }
                encoder.writeAndFlush(NIOAny(IOData.byteBuffer(ByteBuffer(string: "SSH-2.0-surprise\r\n"))), promise: nil)
            }.get()
            try await channel.close()
            return
        }
        var headers = HTTPHeaders(answer.headers)
        headers.add(name: "Content-Length", value: "\((answer.announcedSize ?? 0) + (answer.stalls ? 1 : 0))")
        let head = HTTPResponseHead(version: .http1_1, status: answer.status, headers: headers)
        try await channel.writeAndFlush(HTTPServerResponsePart.head(head))
        if !isHead, !answer.body.isEmpty {
            let pieces = fault == .slowDrip ? 40 : fault == .resetInAnswer ? 2 : 1
            let size = (answer.body.count + pieces - 1) / pieces
            for start in stride(from: 0, to: answer.body.count, by: size) {
                let piece = answer.body[start..<min(start + size, answer.body.count)]
                try await channel.writeAndFlush(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: piece))))
                if fault == .slowDrip { try await Task.sleep(for: .milliseconds(5)) }
                if fault == .resetInAnswer { break }
            }
        }
        if fault == .resetInAnswer {
            Self.reset(channel)
        } else if answer.cuts {
            try await channel.close()
        } else if !answer.stalls {
            try await channel.writeAndFlush(HTTPServerResponsePart.end(nil))
        }
    }
}
