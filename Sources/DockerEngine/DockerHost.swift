package import Diagnostics

/// Where a daemon listens, and who said so.
package struct DockerHost: Equatable, Sendable {
    package enum Address: Equatable, Sendable {
        /// The path of a Unix socket.
        case socket(String)
        /// `host:port`, and the path below which the API lies: empty, or with a slash in front and none behind.
        case network(authority: String, path: String)
    }

    package enum Origin: Equatable, Sendable {
        /// An environment variable.
        case variable(String)
        /// A context of the docker command.
        case context(String)
        /// A place where daemons usually are.
        case usual
    }

    package let address: Address
    /// Nil: without TLS.
    package let tls: DockerTLS?
    package let origin: Origin

    package init(_ address: Address, tls: DockerTLS? = nil, origin: Origin) {
        self.address = address
        self.tls = tls
        self.origin = origin
    }

    /// Whether the user named this daemon, and no other one will do.
    package var isChosen: Bool { origin != .usual }
}

extension DockerHost {
    /// Reads `unix:///var/run/docker.sock`, `tcp://host[:port][/path]`, and `http://…` and `https://…` as the docker command does.
    package init(parsing text: String, tls: DockerTLS? = nil, origin: Origin) throws(Fault) {
        func refuse(_ reason: String, hint: String? = nil) -> Fault {
            Fault("'\(DockerError.printable(text))' (\(origin)) is no address of a daemon: \(reason)", hint: hint ?? Self.forms)
        }
        guard let separator = text.firstRange(of: "://") else { throw refuse("it does not say how to connect") }
        let scheme = text[..<separator.lowerBound].lowercased(), rest = text[separator.upperBound...]
        switch scheme {
        case "unix":
            guard rest.hasPrefix("/"), !rest.contains("\0") else { throw refuse("the path of the socket must begin with a slash") }
            // The longest name that the kernel takes for a socket.
            guard rest.utf8.count <= 107 else { throw refuse("the path of a socket has at most 107 bytes", hint: "use a shorter path") }
            self.init(.socket(String(rest)), origin: origin)
        case "tcp", "http", "https":
            let tls = scheme == "http" ? nil : tls ?? (scheme == "https" ? DockerTLS() : nil)
            let authority = rest.prefix { $0 != "/" }
            guard let complete = Self.complete(authority, port: tls == nil ? 2375 : 2376) else {
                throw refuse("'\(DockerError.printable(String(authority)))' is not HOST or HOST:PORT")
            }
            var path = rest.dropFirst(authority.count)
            while path.hasSuffix("/") { path.removeLast() }
            self.init(.network(authority: complete, path: String(path)), tls: tls, origin: origin)
        case "ssh":
            throw Fault(
                "'\(DockerError.printable(text))' (\(origin)) is not supported: tote does not reach daemons over SSH",
                hint:
                    "forward the socket with 'ssh -nNT -L /tmp/docker.sock:/var/run/docker.sock HOST' and set DOCKER_HOST=unix:///tmp/docker.sock"
            )
        default:
            throw refuse("'\(DockerError.printable(scheme))' is not supported")
        }
    }

    private static let forms = "write it as unix:///PATH or tcp://HOST:PORT"

    /// With the port that stands for none. Nil when the text is no host.
    private static func complete(_ authority: Substring, port: Int) -> String? {
        let isAllowed = { (byte: UInt8) in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || (UInt8(ascii: "0")...UInt8(ascii: ":")).contains(byte)
                || [UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "["), UInt8(ascii: "]")].contains(byte)
        }
        guard !authority.isEmpty, authority.utf8.allSatisfy(isAllowed) else { return nil }
        var host = authority, given: Substring?
        if authority.hasPrefix("[") {
            guard let end = authority.lastIndex(of: "]") else { return nil }
            host = authority[...end]
            let rest = authority[authority.index(after: end)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            given = rest.isEmpty ? nil : rest.dropFirst()
        } else if let colon = authority.firstIndex(of: ":") {
            host = authority[..<colon]
            given = authority[authority.index(after: colon)...]
        }
        guard !host.isEmpty else { return nil }
        guard let given else { return "\(host):\(port)" }
        guard let number = UInt16(given), number > 0 else { return nil }
        return "\(host):\(number)"
    }
}

extension DockerHost: CustomStringConvertible {
    /// As it is written in DOCKER_HOST.
    package var description: String {
        switch address {
        case .socket(let path): "unix://\(path)"
        case .network(let authority, let path): "tcp://\(authority)\(path)"
        }
    }
}

extension DockerHost.Origin: CustomStringConvertible {
    package var description: String {
        switch self {
        case .variable(let name): name
        case .context(let name): "the docker context '\(DockerError.printable(name))'"
        case .usual: "the usual place"
        }
    }
}
