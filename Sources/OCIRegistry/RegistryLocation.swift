import Diagnostics
import OCIImage

/// One place that may hold a repository: the registry that its name says, or a mirror of it.
struct RegistryLocation: Hashable, Sendable {
    var host: RegistryHost
    /// nil: decided by the host (loopback, insecure or neither).
    var scheme: URLScheme?
    /// The repository's name there, with a mirror's path in front.
    var repository: String
    var isMirror: Bool

    enum URLScheme: String, Sendable {
        case http, https
    }

    /// The registry itself.
    init(origin reference: Reference) {
        host = RegistryHost(reference.registry).answering
        repository = reference.repository
        isMirror = false
    }

    /// The mirror that `configuration` names for the registry of `reference`, if any.
    ///
    /// `*` beats an entry for the host (L-11). Tag and digest are not part of a location, so a mirror keeps them as they are.
    /// The scheme is what the entry says, else what its host gets.
    init?(mirrorOf reference: Reference, in mirrors: [String: String]) throws {
        guard let text = Self.entry(for: RegistryHost(reference.registry), in: mirrors) else { return nil }
        let invalid = Fault("registry mirror '\(text)' is not an address", hint: "write it as HOST, HOST:PORT or HOST/PATH")
        var rest = Substring(text)
        if let separator = text.firstRange(of: "://") {
            guard let scheme = URLScheme(rawValue: text[..<separator.lowerBound].lowercased()) else { throw invalid }
            self.scheme = scheme
            rest = text[separator.upperBound...]
        }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: true)
        let forbidden: Set<Character> = ["@", "?", "#", " ", "%", "\\"]
        guard let authority = parts.first, !rest.hasPrefix("/"), !rest.contains(where: forbidden.contains) else { throw invalid }
        host = RegistryHost(String(authority)).answering
        repository = (parts.dropFirst().map(String.init) + [reference.repository]).joined(separator: "/")
        isMirror = true
    }

    private static func entry(for host: RegistryHost, in mirrors: [String: String]) -> String? {
        if let everything = mirrors["*"] { return everything }
        let matching = mirrors.filter { key, _ in
            let key = RegistryHost(key)
            return key == host || (key.isDockerHub && host.isDockerHub)
        }
        return matching.min { $0.key < $1.key }?.value
    }

    /// Where to read `reference`, best first: its mirror, then its own registry.
    static func readable(_ reference: Reference, mirrors: [String: String]) throws -> [RegistryLocation] {
        let origin = RegistryLocation(origin: reference)
        guard let mirror = try RegistryLocation(mirrorOf: reference, in: mirrors),
            mirror.host != origin.host || mirror.repository != origin.repository
        else { return [origin] }
        return [mirror, origin]
    }
}
