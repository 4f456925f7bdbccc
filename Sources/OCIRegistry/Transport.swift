import AsyncHTTPClient
import Diagnostics
import NIOCore
import NIOHTTP1
import NIOSSL

/// The HTTP clients: one attempt of one request, without any thought about registries.
final class Transport: Sendable {
    private let routes: Routes
    private let verified: TLSConfiguration
    private let unverified: TLSConfiguration
    private let configuration: RegistryConfiguration

    init(_ configuration: RegistryConfiguration) throws {
        self.configuration = configuration
        var verified = TLSConfiguration.makeClientConfiguration()
        if let path = configuration.certificateAuthorities {
            do {
                verified.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(path))]
            } catch {
                throw Fault("no certificates can be read from '\(path)'", hint: "it must be a PEM file ('-----BEGIN CERTIFICATE-----')")
            }
        }
        self.verified = verified
        var unverified = TLSConfiguration.makeClientConfiguration()
        unverified.certificateVerification = .none
        self.unverified = unverified
        routes = Routes(configuration, verified)
    }

    func shutdown() async { await routes.shutdown() }

    /// The answer's head; its body is still on its way. Any failure is a `RegistryError`, a `Fault` of a local file or a `CancellationError`.
    func response(to request: RegistryRequest) async throws -> HTTPClientResponse {
        var outgoing = HTTPClientRequest(url: request.url)
        outgoing.method = request.method
        outgoing.headers = request.headers
        outgoing.headers.replaceOrAdd(name: "User-Agent", value: configuration.userAgent)
        if let secret = request.authorization?.header { outgoing.headers.replaceOrAdd(name: "Authorization", value: secret.reveal()) }
        outgoing.tlsConfiguration = configuration.isInsecure(request.host) ? unverified : verified
        switch request.body {
        case .none: break
        case .bytes(let bytes): outgoing.body = .bytes(ByteBuffer(bytes: bytes))
        case .file(let path, let range, let onProgress):
            outgoing.body = .stream(FileBody(path: path, range: range, onProgress: onProgress), length: .known(Int64(range.count)))
        }
        let proxy = routes.proxy(for: request)
        guard let client = routes.client(for: request, through: proxy) else { throw Fault("\(request.summary): no way to get there") }
        do {
            try Task.checkCancellation()
            // No deadline: silence ends a request, not size.
            return try await client.execute(outgoing, deadline: .distantFuture)
        } catch {
            throw RegistryError.explaining(error, request, through: proxy)
        }
    }

    /// The whole body, at most `limit` bytes; nil when it is longer.
    func body(of response: HTTPClientResponse, to request: RegistryRequest, limit: Int) async throws -> [UInt8]? {
        var bytes: [UInt8] = []
        do {
            for try await buffer in response.body {
                guard bytes.count + buffer.readableBytes <= limit else { return nil }
                bytes.append(contentsOf: buffer.readableBytesView)
            }
            // A cancelled task sees the end of the body rather than an error.
            try Task.checkCancellation()
        } catch {
            throw RegistryError.explaining(error, request)
        }
        return bytes
    }

    /// Reads a body that nobody wants, so that its connection serves again.
    func discard(_ response: HTTPClientResponse, to request: RegistryRequest) async {
        // A body that is too long, stalls or breaks off costs the connection and nothing else.
        _ = await unimportantBody(of: response, to: request)
    }

    /// What can be had of a body without waiting longer than for anything else, also after a request that may take its time.
    private func unimportantBody(of response: HTTPClientResponse, to request: RegistryRequest) async -> [UInt8] {
        await withTaskGroup(of: [UInt8].self) { group in
            group.addTask { (try? await self.body(of: response, to: request, limit: RegistryError.bodyLimit)) ?? [] }
            group.addTask {
                try? await Task.sleep(for: self.configuration.silenceLimit)
                return []
            }
            defer { group.cancelAll() }
            return await group.next() ?? []
        }
    }

    /// The error that an unwanted answer stands for.
    func refusal(_ response: HTTPClientResponse, to request: RegistryRequest) async throws -> RegistryError {
        let bytes = await unimportantBody(of: response, to: request)
        try Task.checkCancellation()
        return RegistryError(request, status: response.status, headers: response.headers, body: bytes)
    }
}
