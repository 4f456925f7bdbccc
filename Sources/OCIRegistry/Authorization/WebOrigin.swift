import FoundationEssentials

/// Scheme, host and port of an address: what a secret is meant for.
struct WebOrigin: Hashable, Sendable {
    let scheme: String
    let host: String
    let port: Int

    /// nil when `url` is no HTTP address.
    init?(_ url: String) {
        guard let parts = URL(string: url), let scheme = parts.scheme?.lowercased(), scheme == "http" || scheme == "https",
            let host = parts.host(percentEncoded: true)?.lowercased(), !host.isEmpty
        else { return nil }
        self.scheme = scheme
        self.host = host
        port = parts.port ?? (scheme == "https" ? 443 : 80)
    }

    /// `registry.example:443`, `[::1]:5000`
    var authority: String { "\(host.contains(":") && !host.hasPrefix("[") ? "[\(host)]" : host):\(port)" }

    /// Whether what was meant for this origin may also go to `other`: the same one, or the same host with TLS instead of without.
    func extends(to other: WebOrigin?) -> Bool {
        guard let other, other.host == host else { return false }
        if other == self { return true }
        return scheme == "http" && other.scheme == "https" && (port == other.port || (port == 80 && other.port == 443))
    }
}
