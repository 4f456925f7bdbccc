import AsyncHTTPClient
import Diagnostics
import NIOCore
import NIOHTTP1
import NIOSSL

/// The HTTP clients: one attempt of one request, without any thought about registries.
final class Transport: Sendable {
    /// For everything but finishing uploads.
    private let quick: HTTPClient
    /// For finishing uploads, whose answer may take long.
    private let patient: HTTPClient
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
        quick = Self.client(configuration, answerWithin: configuration.silenceLimit, verified)
        patient = Self.client(configuration, answerWithin: configuration.commitLimit, verified)
    }

    private static func client(_ configuration: RegistryConfiguration, answerWithin limit: Duration, _ tls: TLSConfiguration) -> HTTPClient
    {
        let silence = TimeAmount(configuration.silenceLimit)
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls,
            // Redirects are followed by hand: they decide what may be sent along, and to whom.
            redirectConfiguration: .disallow,
            timeout: .init(connect: min(silence, .seconds(10)), read: TimeAmount(limit), write: silence),
            // A compressed body would not have the bytes of its digest.
            decompression: .disabled
        )
        // Several connections carry bulk data better than the streams of one, whose window must be tuned to the line.
        settings.httpVersion = .http1Only
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.parallelTransfers * 2
        // Attempts are counted in one place, Retry; here they would hide a refused connection for ten seconds.
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    func shutdown() async {
        // They fail only when they are already shut down.
        try? await quick.shutdown()
        try? await patient.shutdown()
    }

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
        case .file(let path, let size, let onProgress):
            outgoing.body = .stream(FileBody(path: path, size: size, onProgress: onProgress), length: .known(size))
        }
        do {
            try Task.checkCancellation()
            // No deadline: silence ends a request, not size.
            return try await (request.commits ? patient : quick).execute(outgoing, deadline: .distantFuture)
        } catch {
            throw RegistryError.explaining(error, request)
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
        // A body that is too long or breaks off costs the connection and nothing else.
        _ = try? await body(of: response, to: request, limit: RegistryError.bodyLimit)
    }

    /// The error that an unwanted answer stands for.
    func refusal(_ response: HTTPClientResponse, to request: RegistryRequest) async throws -> RegistryError {
        let bytes = (try? await body(of: response, to: request, limit: RegistryError.bodyLimit)) ?? []
        try Task.checkCancellation()
        return RegistryError(request, status: response.status, headers: response.headers, body: bytes)
    }
}
