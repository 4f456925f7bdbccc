/// The `host[:port]` part of a registry's address.
struct RegistryHost: Hashable, Sendable {
    /// As written, in lower case: `ghcr.io`, `localhost:5000`, `[::1]:5000`.
    let authority: String

    init(_ authority: String) {
        self.authority = authority.lowercased()
    }

    /// The authority without port and brackets.
    var name: String {
        if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") {
            return String(authority[authority.index(after: authority.startIndex)..<end])
        }
        return String(authority.prefix { $0 != ":" })
    }

    /// This machine, which is reached without TLS (N.6).
    var isLoopback: Bool {
        if name == "localhost" || name.hasSuffix(".localhost") || name == "::1" { return true }
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Docker Hub is named differently from where it answers.
    var answering: RegistryHost {
        isDockerHub ? RegistryHost("registry-1.docker.io") : self
    }

    var isDockerHub: Bool { ["docker.io", "index.docker.io", "registry-1.docker.io"].contains(authority) }
}

extension RegistryConfiguration {
    func isInsecure(_ host: RegistryHost) -> Bool {
        insecureHosts.contains { RegistryHost($0) == host || RegistryHost($0).authority == host.name }
    }
}
