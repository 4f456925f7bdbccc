package import Diagnostics

/// Which proxy is used for which address: HTTP_PROXY, HTTPS_PROXY and NO_PROXY, in upper or lower case.
package struct ProxySettings: Sendable {
    private var plain: ProxyServer?
    private var secure: ProxyServer?
    private var exceptions = ProxyExceptions("")

    /// No proxy.
    package init() {}

    /// As the caller's variables say.
    package init(environment: [String: String]) throws(Fault) {
        func server(_ names: String...) throws(Fault) -> ProxyServer? {
            for name in names {
                if let text = environment[name], !text.isEmpty { return try ProxyServer(text, variable: name) }
            }
            return nil
        }
        plain = try server("HTTP_PROXY", "http_proxy")
        secure = try server("HTTPS_PROXY", "https_proxy")
        exceptions = ProxyExceptions(environment["NO_PROXY"] ?? environment["no_proxy"] ?? "")
    }

    /// nil: straight to it.
    func proxy(for origin: WebOrigin) -> ProxyServer? {
        guard let proxy = origin.scheme == "https" ? secure : plain else { return nil }
        // This machine as seen from the proxy would be another one.
        if RegistryHost(origin.authority).isLoopback || exceptions.contain(host: origin.host, port: origin.port) { return nil }
        return proxy
    }

    var servers: Set<ProxyServer> { Set([plain, secure].compactMap { $0 }) }
}
