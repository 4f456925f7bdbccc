import AsyncHTTPClient

extension RegistryError {
    /// Names what went wrong below HTTP, and the proxy that was in the way.
    static func explaining(_ error: any Error, _ request: RegistryRequest, through proxy: ProxyServer?) -> any Error {
        let plain = explaining(error, request)
        guard let proxy, var explained = plain as? RegistryError else { return plain }
        explained.message += " (through the proxy \(proxy.address))"
        if let hint = (error as? HTTPClientError).flatMap(proxyHint) {
            explained.kind = .unreachable
            explained.hint = hint
        } else if explained.kind == .unreachable {
            explained.hint = "check HTTP_PROXY and HTTPS_PROXY, and whether NO_PROXY should name \(request.host.name)"
        }
        return explained
    }

    private static func proxyHint(_ error: HTTPClientError) -> String? {
        if error == .proxyAuthenticationRequired { return "the proxy wants a user name and a password: http://USER:PASSWORD@HOST:PORT" }
        if error == .invalidProxyResponse { return "the proxy refuses the connection, or what listens there is no proxy" }
        if error == .httpProxyHandshakeTimeout || error == .socksHandshakeTimeout { return "the proxy does not answer" }
        return nil
    }
}
