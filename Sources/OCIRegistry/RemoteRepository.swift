import Archive

/// A repository at a place whose scheme is known: what requests are built from.
struct RemoteRepository: Hashable, Sendable {
    var scheme: RegistryLocation.URLScheme
    var host: RegistryHost
    /// Without `/v2/`: `library/busybox`.
    var name: String
    var isMirror: Bool

    private var base: String { "\(scheme.rawValue)://\(host.authority)/v2/\(name)" }

    /// `identifier` is a tag or a digest.
    func manifest(_ identifier: String) -> String { "\(base)/manifests/\(identifier)" }

    func blob(_ digest: Digest) -> String { "\(base)/blobs/\(digest)" }

    /// Opens an upload session, or links the blob from another repository of this registry.
    func uploads(mounting digest: Digest? = nil, from source: String? = nil) -> String {
        guard let digest, let source else { return "\(base)/blobs/uploads/" }
        return "\(base)/blobs/uploads/?mount=\(Self.encoded("\(digest)"))&from=\(Self.encoded(source))"
    }

    /// Percent-encodes a query value. Names and digests are ASCII, and only these two characters need it.
    static func encoded(_ value: String) -> String {
        value.map { character in
            switch character {
            case ":": "%3A"
            case "/": "%2F"
            default: String(character)
            }
        }.joined()
    }
}
