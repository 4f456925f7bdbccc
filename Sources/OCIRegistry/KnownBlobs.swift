import Archive
import Synchronization

/// Which blobs a repository certainly has, because it served a manifest that names them or took them from us.
///
/// It saves asking again, and tells which repository a blob can be mounted from.
final class KnownBlobs: Sendable {
    private struct Key: Hashable {
        var host: RegistryHost
        var repository: String
    }

    private let contents = Mutex<[Key: Set<Digest>]>([:])

    /// nil: nothing is known about that repository.
    func digests(in repository: RemoteRepository) -> Set<Digest>? {
        contents.withLock { $0[Key(host: repository.host, repository: repository.name)] }
    }

    func insert(_ digests: some Sequence<Digest>, in repository: RemoteRepository) {
        contents.withLock { $0[Key(host: repository.host, repository: repository.name), default: []].formUnion(digests) }
    }

    /// What was known turned out to be wrong.
    func forget(_ repository: RemoteRepository) {
        contents.withLock { $0[Key(host: repository.host, repository: repository.name)] = nil }
    }
}
