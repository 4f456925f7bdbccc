/// NO_PROXY: hosts, domains and networks that are reached without a proxy, separated by commas.
struct ProxyExceptions: Sendable {
    private enum Rule: Sendable {
        case everything
        /// The name itself and, unless it began with a dot, what is below it.
        case name(String, port: Int?, includingItself: Bool)
        case network(NetworkAddress, bits: Int, port: Int?)
    }

    private let rules: [Rule]

    init(_ text: String) {
        rules = text.split { $0 == "," || $0.isWhitespace }.compactMap { Self.rule($0.lowercased()) }
    }

    private static func rule(_ text: String) -> Rule? {
        if text == "*" { return .everything }
        if let slash = text.firstIndex(of: "/") {
            guard let network = NetworkAddress(String(text[..<slash])), let bits = Int(text[text.index(after: slash)...]),
                (0...network.bytes.count * 8).contains(bits)
            else { return nil }
            return .network(network, bits: bits, port: nil)
        }
        if let address = NetworkAddress(text) { return .network(address, bits: address.bytes.count * 8, port: nil) }
        let (host, port) = split(text)
        if let address = NetworkAddress(host) { return .network(address, bits: address.bytes.count * 8, port: port) }
        let name = host.hasPrefix("*.") ? String(host.dropFirst(1)) : host
        guard !name.isEmpty, name != "." else { return nil }
        return name.hasPrefix(".")
            ? .name(String(name.dropFirst()), port: port, includingItself: false) : .name(name, port: port, includingItself: true)
    }

    private static func split(_ text: String) -> (host: String, port: Int?) {
        guard let colon = text.lastIndex(of: ":"), let port = Int(text[text.index(after: colon)...]) else { return (text, nil) }
        return (String(text[..<colon]), port)
    }

    func contain(host: String, port: Int) -> Bool {
        let host = host.lowercased()
        let address = NetworkAddress(host)
        return rules.contains { rule in
            switch rule {
            case .everything: true
            case .name(let name, let only, let includingItself):
                (only ?? port) == port && ((includingItself && host == name) || host.hasSuffix(".\(name)"))
            case .network(let network, let bits, let only):
                (only ?? port) == port && address?.isIn(network, bits: bits) == true
            }
        }
    }
}
