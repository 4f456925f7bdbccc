import Diagnostics
import FoundationEssentials

/// A proxy that connections go through.
struct ProxyServer: Hashable, Sendable {
    enum Kind: Hashable, Sendable {
        /// Tunnels by CONNECT.
        case http
        case socks
    }

    var kind: Kind
    var host: String
    var port: Int
    /// Goes to the proxy and nowhere else.
    var user: String?
    var password: Secret?

    /// For messages.
    var address: String { "\(kind == .http ? "http" : "socks5")://\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    /// `[http://][USER:PASSWORD@]HOST[:PORT]` or `socks5://…`, as `variable` says. Errors do not repeat it.
    init(_ text: String, variable: String) throws(Fault) {
        let hint = "write it as http://HOST:PORT or socks5://HOST:PORT"
        let full = text.contains("://") ? text : "http://\(text)"
        guard let url = URL(string: full), let scheme = url.scheme?.lowercased(), let host = url.host(percentEncoded: false), !host.isEmpty,
            host.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f })
        else { throw Fault("\(variable) is not the address of a proxy", hint: hint) }
        switch scheme {
        case "http": kind = .http
        case "socks5", "socks5h": kind = .socks
        default:
            throw Fault("\(variable): proxies of the kind '\(RegistryError.printable(scheme, limit: 20))://' are not supported", hint: hint)
        }
        self.host = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        port = url.port ?? (kind == .http ? 80 : 1080)
        guard (1...65535).contains(port) else { throw Fault("\(variable) is not the address of a proxy", hint: hint) }
        if let user = url.user(percentEncoded: true), !user.isEmpty {
            guard let name = PercentEncoding.decode(user), let password = PercentEncoding.decode(url.password(percentEncoded: true) ?? "")
            else {
                throw Fault("\(variable): the user name or password is not percent-encoded")
            }
            guard kind == .http else { throw Fault("\(variable): user names for SOCKS proxies are not supported") }
            self.user = name
            self.password = Secret(password)
        }
    }
}
