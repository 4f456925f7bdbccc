package import Archive

/// The name of an image: registry, repository, and a tag, a digest or both (N.6).
///
/// Always normalised, so that `app`, `app:latest` and `docker.io/library/app` are equal. A reference without tag and
/// digest means the tag `latest`; one with a digest alone has no tag.
package struct Reference: Hashable, Sendable {
    /// Host and port in lower case. Docker Hub is always `docker.io`, whichever of its names was given.
    package let registry: String
    /// The whole path on that registry: `library/busybox`.
    package let repository: String
    package let tag: String?
    package let digest: Digest?

    /// The parts must be valid; `Reference.init(parsing:)` is the way in for text.
    init(registry: String, repository: String, tag: String?, digest: Digest?) {
        self.registry = registry
        self.repository = repository
        self.tag = tag
        self.digest = digest
    }

    /// Reads what a person wrote. The error points at the character that cannot stand.
    package init(parsing text: String) throws(ReferenceError) {
        var parser = ReferenceParser(text)
        self = try parser.parse()
    }

    /// Docker Hub, by the name used in texts.
    package static let dockerHub = "docker.io"
    /// All names of Docker Hub.
    static let dockerHubNames: Set<String> = ["docker.io", "index.docker.io", "registry-1.docker.io"]
}

extension Reference {
    /// Registry and repository: `docker.io/library/busybox`.
    package var name: String { "\(registry)/\(repository)" }

    /// Everything, as stored and compared: `docker.io/library/busybox:latest`.
    package var full: String { name + suffix }

    /// The shortest text that means the same image: `busybox`, `busybox:1.36`, `ghcr.io/o/r`.
    package var familiar: String {
        let shown = digest == nil && tag == "latest" ? "" : suffix
        return familiarName + shown
    }

    /// `familiar` with its tag written out: `busybox:latest`.
    package var familiarTagged: String { familiarName + suffix }

    /// The repository as people write it, without tag and digest: `busybox`, `heroku/builder`, `ghcr.io/o/r`.
    package var familiarName: String {
        guard registry == Self.dockerHub else { return name }
        let official = "library/"
        return repository.hasPrefix(official) && !repository.dropFirst(official.count).contains("/")
            ? String(repository.dropFirst(official.count)) : repository
    }

    /// The form in which run images are compared: full name with tag, Docker Hub as `index.docker.io`, no digest (N.6).
    package var normalisedName: String {
        let host = registry == Self.dockerHub ? "index.docker.io" : registry
        return "\(host)/\(repository):\(tag ?? "latest")"
    }

    /// Whether a digest fixes the content for ever.
    package var isPinned: Bool { digest != nil }

    private var suffix: String { (tag.map { ":\($0)" } ?? "") + (digest.map { "@\($0)" } ?? "") }

    /// The same repository with this tag and no digest.
    package func with(tag: String) throws(ReferenceError) -> Reference {
        var parser = ReferenceParser("\(name):\(tag)")
        return try parser.parse()
    }

    /// The same repository at this digest and no tag.
    package func with(digest: Digest) -> Reference {
        Reference(registry: registry, repository: repository, tag: nil, digest: digest)
    }

    /// The reference by which an image can be given away: tag, no digest. Nil when there is no tag.
    package var tagged: Reference? {
        tag.map { Reference(registry: registry, repository: repository, tag: $0, digest: nil) }
    }

    /// Whether the registry is this machine, where plain HTTP is the default (N.6).
    package var isLoopback: Bool {
        if registry.hasPrefix("[") { return registry.hasPrefix("[::1]") }
        let host = registry.prefix { $0 != ":" }
        if host == "localhost" || host.hasSuffix(".localhost") { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension Reference: CustomStringConvertible {
    /// `familiar`: what messages show.
    package var description: String { familiar }
}

extension Reference: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(parsing: decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(full)
    }
}
