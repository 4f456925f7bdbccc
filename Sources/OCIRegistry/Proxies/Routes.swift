import AsyncHTTPClient
import NIOCore
import NIOSSL

/// The HTTP clients, one pair for each way out of here.
struct Routes: Sendable {
    private struct Pair: Sendable {
        /// For everything but finishing uploads.
        let quick: HTTPClient
        /// For finishing uploads, whose answer may take long.
        let patient: HTTPClient
    }

    private let settings: ProxySettings
    private let pairs: [ProxyServer?: Pair]

    init(_ configuration: RegistryConfiguration, _ tls: TLSConfiguration) {
        settings = configuration.proxies
        let ways: [ProxyServer?] = [nil] + Array(settings.servers)
        pairs = Dictionary(
            uniqueKeysWithValues: ways.map { proxy in
                let pair = Pair(
                    quick: Self.client(configuration, answerWithin: configuration.silenceLimit, tls, proxy),
                    patient: Self.client(configuration, answerWithin: configuration.commitLimit, tls, proxy))
                return (proxy, pair)
            })
    }

    private static func client(
        _ configuration: RegistryConfiguration, answerWithin limit: Duration, _ tls: TLSConfiguration, _ proxy: ProxyServer?
    ) -> HTTPClient {
        let silence = TimeAmount(configuration.silenceLimit)
        var settings = HTTPClient.Configuration(
            tlsConfiguration: tls,
            // Redirects are followed by hand: they decide what may be sent along, and to whom.
            redirectConfiguration: .disallow,
            timeout: .init(connect: min(silence, .seconds(10)), read: TimeAmount(limit), write: silence),
            // A compressed body would not have the bytes of its digest.
            decompression: .disabled
        )
        settings.proxy = proxy.map { proxy in
            switch proxy.kind {
            case .http:
                .server(
                    host: proxy.host, port: proxy.port,
                    authorization: proxy.user.map { .basic(username: $0, password: proxy.password?.reveal() ?? "") })
            case .socks: .socksServer(host: proxy.host, port: proxy.port)
            }
        }
        // Several connections carry bulk data better than the streams of one, whose window must be tuned to the line.
        settings.httpVersion = .http1Only
        settings.connectionPool.concurrentHTTP1ConnectionsPerHostSoftLimit = configuration.parallelTransfers * 2
        // Attempts are counted in one place, Retry; here they would hide a refused connection for ten seconds.
        settings.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: settings)
    }

    /// The proxy in the way of a request, if any.
    func proxy(for request: RegistryRequest) -> ProxyServer? {
        WebOrigin(request.url).flatMap(settings.proxy)
    }

    /// The client for a request that goes through `proxy`; nil when there is none, which does not happen for what `proxy(for:)` gave.
    func client(for request: RegistryRequest, through proxy: ProxyServer?) -> HTTPClient? {
        pairs[proxy].map { request.commits ? $0.patient : $0.quick }
    }

    func shutdown() async {
        for pair in pairs.values {
            // They fail only when they are already shut down.
            try? await pair.quick.shutdown()
            try? await pair.patient.shutdown()
        }
    }
}
