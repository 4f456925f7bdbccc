/// The name under which credentials are kept: a registry, or with podman also a path on it (`quay.io/team/app`).
///
/// Docker writes `ghcr.io`, `https://ghcr.io`, `https://index.docker.io/v1/`; all names of Docker Hub mean the same.
struct CredentialKey: Hashable, Sendable {
    static let dockerHub = "https://index.docker.io/v1/"

    /// In lower case, Docker Hub as `docker.io`.
    var host: String
    var path: [Substring]

    init(_ text: String) {
        let plain = text.firstRange(of: "://").map { text[$0.upperBound...] } ?? text[...]
        let parts = plain.split(separator: "/", omittingEmptySubsequences: false)
        host = Self.normal(String(parts.first ?? ""))
        path = parts.dropFirst().filter { !$0.isEmpty }
        // The path of an address says nothing of repositories.
        if plain.count != text.count || path == ["v1"] || path == ["v2"] { path = [] }
    }

    private static func normal(_ host: String) -> String {
        let host = RegistryHost(host)
        return host.isDockerHub ? "docker.io" : host.authority
    }

    /// How much of `repository` the key names; nil when it is for something else.
    func match(host other: String, repository: String) -> Int? {
        guard host == Self.normal(other), repository.split(separator: "/").starts(with: path) else { return nil }
        return path.count
    }

    /// The value for a repository: that of the longest path, and among equals that of the name that Docker itself uses.
    static func best<Value>(_ entries: [String: Value], host: String, repository: String) -> (key: String, value: Value)? {
        let matching = entries.compactMap { text, value in
            CredentialKey(text).match(host: host, repository: repository).map { (length: $0, key: text, value: value) }
        }
        let own = server(for: host)
        let best = matching.min { a, b in
            if a.length != b.length { return a.length > b.length }
            if (a.key == own) != (b.key == own) { return a.key == own }
            return a.key < b.key
        }
        return best.map { ($0.key, $0.value) }
    }

    /// What a helper program is asked for.
    static func server(for host: String) -> String {
        RegistryHost(host).isDockerHub ? dockerHub : RegistryHost(host).authority
    }
}
