import Archive

/// A repository at a place whose scheme is known: what requests are built from.
struct RemoteRepository: Hashable, Sendable {
    var scheme: RegistryLocation.URLScheme
    var host: RegistryHost
    /// Without `/v2/`: `library/busybox`.
    var name: String
    var isMirror: Bool
    var access: Access
    /// Whether the image can be had under another name as well.
    var hasAlternative = false

    /// What a token is asked for.
    enum Access: Sendable {
        case pull, push
    }

    var origin: WebOrigin? { WebOrigin(base) }

    var scope: TokenScope { TokenScope(repository: name, actions: access == .push ? ["pull", "push"] : ["pull"]) }

    /// The registry by the name that people know.
    var hostName: String { host.isDockerHub ? "docker.io" : host.authority }

    private var base: String { "\(scheme.rawValue)://\(host.authority)/v2/\(name)" }

    /// `identifier` is a tag or a digest.
    func manifest(_ identifier: String) -> String { "\(base)/manifests/\(identifier)" }

    func blob(_ digest: Digest) -> String { "\(base)/blobs/\(digest)" }

    /// Opens an upload session, or links the blob from another repository of this registry.
    func uploads(mounting digest: Digest? = nil, from source: String? = nil) -> String {
        guard let digest, let source else { return "\(base)/blobs/uploads/" }
        return "\(base)/blobs/uploads/?\(PercentEncoding.form([("mount", "\(digest)"), ("from", source)]))"
    }
}
