import FoundationEssentials
import NIOHTTP1

/// Where an answer sends us: redirects of reads, and the address of an upload.
enum Redirect {
    /// The most redirects that one read follows.
    static let limit = 5

    static func isRedirect(_ status: HTTPResponseStatus) -> Bool {
        [301, 302, 303, 307, 308].contains(status.code)
    }

    /// The absolute address that `Location` names, seen from `request`.
    ///
    /// Never from HTTPS down to HTTP. One exception: a registry behind a proxy that ends TLS often names itself with `http://`; the same host is then asked over HTTPS.
    static func target(_ headers: HTTPHeaders, from request: RegistryRequest) throws -> String {
        guard let location = headers.first(name: "Location"), !location.isEmpty else {
            throw RegistryError(.malformed, "\(request.summary): the answer names no location")
        }
        let unusable = RegistryError(
            .malformed,
            "\(request.summary): leads to '\(request.quoting(RegistryRequest.withoutSecrets(location)))', which is no address to go to")
        guard let base = URL(string: request.url), let target = URL(string: location, relativeTo: base)?.absoluteURL,
            let scheme = target.scheme?.lowercased(), target.host(percentEncoded: true)?.isEmpty == false
        else { throw unusable }
        let text = target.absoluteString
        switch (base.scheme?.lowercased(), scheme) {
        case (_, "https"), ("http", "http"): return text
        case ("https", "http") where RegistryRequest(.GET, text).host.name == request.host.name:
            return "https://\(request.host.authority)" + text.dropFirst("http://".count).drop { $0 != "/" && $0 != "?" }
        default: throw unusable
        }
    }
}
