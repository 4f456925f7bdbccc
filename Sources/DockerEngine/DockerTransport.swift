import AsyncHTTPClient
import Diagnostics
import FoundationEssentials
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// One connection pool to one daemon: requests without any thought about images.
final class DockerTransport: Sendable {
    let host: DockerHost
    private let client: HTTPClient
    private let base: String

    init(_ host: DockerHost, _ configuration: DockerConfiguration) throws {
        self.host = host
        let silence = TimeAmount(configuration.silenceLimit)
        var settings = HTTPClient.Configuration(
            tlsConfiguration: try host.tls?.configuration(), redirectConfiguration: .disallow,
            timeout: .init(connect: TimeAmount(configuration.probeLimit), read: silence, write: silence), decompression: .disabled)
        settings.httpVersion = .http1Only
        // A daemon that is not there must not cost seconds.
        settings.connectionPool.retryConnectionEstablishment = false
        switch host.address {
        case .socket(let path): base = "http+unix://\(DockerRequest.escape(path))"
        case .network(let authority, let path): base = "\(host.tls == nil ? "http" : "https")://\(authority)\(path)"
        }
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    func shutdown() async {
        // It fails only when it is already shut down.
        try? await client.shutdown()
    }

    /// The answer's head, if its status is one of `wanted`; the body is still on its way.
    func response(to request: DockerRequest, wanted: Set<UInt> = [200]) async throws -> HTTPClientResponse {
        var outgoing = HTTPClientRequest(url: base + request.target)
        outgoing.method = request.method
        outgoing.headers = ["User-Agent": "tote"]
        // A socket's path is no name that a daemon would take for a host.
        if case .socket = host.address { outgoing.headers.add(name: "Host", value: "docker") }
        if case .archive(let archive, let onProgress) = request.body {
            outgoing.headers.add(name: "Content-Type", value: "application/x-tar")
            outgoing.body = .stream(DockerArchiveBody(archive: archive, onProgress: onProgress), length: .known(archive.size))
        }
        let response: HTTPClientResponse
        do {
            try Task.checkCancellation()
            let deadline = request.limit.map { NIODeadline.now() + TimeAmount($0) } ?? .distantFuture
            response = try await client.execute(outgoing, deadline: deadline)
        } catch {
            throw DockerError.explaining(error, request, at: host)
        }
        guard wanted.contains(response.status.code) else { throw try await refusal(response, to: request) }
        return response
    }

    /// The whole body, at most `limit` bytes.
    func body(of response: HTTPClientResponse, to request: DockerRequest, limit: Int = 64 << 20) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        try await forEachPiece(of: response, to: request) { buffer in
            guard bytes.count + buffer.readableBytes <= limit else {
                throw DockerError(.malformed, "\(request.summary(at: host)): the answer has more than \(limit) bytes")
            }
            bytes.append(contentsOf: buffer.readableBytesView)
            return true
        }
        return bytes
    }

    /// Gives the body to `take` piece by piece, until it is over or `take` returns false.
    func forEachPiece(of response: HTTPClientResponse, to request: DockerRequest, _ take: (ByteBuffer) async throws -> Bool) async throws {
        do {
            for try await buffer in response.body where try await !take(buffer) { return }
            // A cancelled task sees the end of the body rather than an error.
            try Task.checkCancellation()
        } catch {
            throw DockerError.explaining(error, request, at: host)
        }
    }

    /// `{"message": …}`, the way daemons explain themselves.
    private func refusal(_ response: HTTPClientResponse, to request: DockerRequest) async throws -> DockerError {
        struct Document: Decodable { var message: String? }
        let bytes = (try? await body(of: response, to: request, limit: 1 << 16)) ?? []
        try Task.checkCancellation()
        var message = "\(request.summary(at: host)): \(response.status.code) \(DockerError.printable(response.status.reasonPhrase))"
        if let document = try? JSONDecoder().decode(Document.self, from: Data(bytes)), let text = document.message, !text.isEmpty {
            message += ": \(DockerError.printable(text))"
        } else if let text = String(validating: bytes, as: UTF8.self), !text.isEmpty, !text.hasPrefix("<") {
            message += ": \(DockerError.printable(text))"
        }
        return DockerError(response.status == .notFound ? .notFound : .rejected, message, status: Int(response.status.code))
    }
}
