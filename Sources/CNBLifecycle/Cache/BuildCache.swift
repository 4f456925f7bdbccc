package import Archive
package import CNBSpec
import Diagnostics
import Glibc
package import OCIImage

/// What the last build of one app left for the next: the metadata of D-81 and where each layer's blob is in the store.
package struct CacheRecord: Equatable, Sendable, Codable {
    package var metadata: CacheMetadata
    /// By diffID.
    package var blobs: [String: LayerFacts]
    /// The execution environment of the build (D-28).
    package var execEnv: String?
    /// Ids of buildpacks whose layers must be copied, because they could not work with mounted ones.
    package var copying: [String]?
    /// The same for the app's files.
    package var copiesApp: Bool?
    /// The app's files themselves.
    package var app: AppRecord?

    package init(metadata: CacheMetadata = CacheMetadata(), blobs: [String: LayerFacts] = [:]) {
        self.metadata = metadata
        self.blobs = blobs
    }
}

/// The build cache of one app image: one small file, replaced as a whole, so the old record is valid until the new one is there.
package struct BuildCache: Sendable {
    private let directory: String
    private let image: Reference
    private var name: String { CacheFile.name(of: image) }

    /// - Parameter directory: an existing folder of the host.
    package init(in directory: String, image: Reference) {
        self.directory = directory
        self.image = image
    }

    /// An empty record when there is none, or none that can be read (D-89).
    package func load() -> CacheRecord {
        CacheFile.read(name, in: directory)?.record ?? CacheRecord()
    }

    /// Writes nothing when the record is there already.
    package func save(_ record: CacheRecord) throws {
        let bytes = try CanonicalJSON.encode(CacheFile(image: image, record: record))
        let folder = try ConfinedDirectory(directory)
        guard (try? folder.readIfPresent(name, limit: CacheFile.limit)) != bytes else { return }
        try folder.write(name, bytes, mode: 0o600)
    }

    /// Notes that the cache is used now, in the file's time: the record itself says nothing about when. Fine when there is none.
    package func noteUse() { utimensat(AT_FDCWD, "\(directory)/\(name)", nil, AT_SYMLINK_NOFOLLOW) }

    package func clear() throws {
        try ConfinedDirectory(directory).removeTree(name)
    }

    /// Every cache in `directory` whose record can be read, least recently used first. One that does not say which image it is for may be
    /// for one of `names`.
    package static func all(in directory: String, knowing names: [Reference] = []) throws -> [KeptCache] {
        let folder = try ConfinedDirectory(directory)
        return try folder.names("").compactMap { name in
            guard let file = CacheFile.read(name.string, in: directory), let status = try folder.status(name) else { return nil }
            let image = file.reference(named: name.string) ?? names.first { CacheFile.name(of: $0) == name.string }
            return KeptCache(file: name.string, image: image, record: file.record, lastUsed: status.modified)
        }
        .sorted { $0.lastUsed < $1.lastUsed }
    }

    package static func remove(_ cache: KeptCache, in directory: String) throws {
        try ConfinedDirectory(directory).removeTree(cache.file)
    }

    /// The digests of all blobs that caches in `directory` need: they are not garbage.
    package static func digests(in directory: String) throws -> Set<Digest> {
        Set(try all(in: directory).flatMap { $0.record.blobs.values.map(\.digest) })
    }

    /// The names of the copies of apps that caches in `directory` know.
    package static func apps(in directory: String) throws -> Set<String> {
        Set(try all(in: directory).compactMap { $0.record.app?.copy })
    }

    /// The layers that caches in `directory` would restore.
    package static func layers(in directory: String) throws -> Set<DiffID> {
        Set(try all(in: directory).flatMap { $0.record.blobs.values.map(\.diffID) })
    }
}
