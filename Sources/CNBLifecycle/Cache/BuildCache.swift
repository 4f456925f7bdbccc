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
///
/// A record fits one image: layers that are both in the image and in the cache come back only when the two agree (D-20). So a build
/// announces what it leaves before its image gets the name, and saves it afterwards: whenever it ends between the two, the next one finds
/// the record of the image that it finds.
package struct BuildCache: Sendable {
    private let directory: String
    private let image: Reference
    private var name: String { CacheFile.name(of: image) }

    /// - Parameter directory: an existing folder of the host.
    package init(in directory: String, image: Reference) {
        self.directory = directory
        self.image = image
    }

    /// The record of the build that made the image with that digest, or the last one that was saved. Empty when there is none; throws for
    /// one that cannot be read.
    package func load(fitting image: Digest? = nil) throws -> CacheRecord {
        try CacheFile.read(name, in: directory)?.record(of: image) ?? CacheRecord()
    }

    /// Notes what counts once the image with the digest `image` has the name; until then it is what fits `previous`.
    package func announce(_ record: CacheRecord, of image: Digest, after previous: Digest?) throws {
        let last = (try? CacheFile.read(name, in: directory))?.record(of: previous)
        guard record != last else { return }
        let next = CacheFile.Next(image: image.description, record: record)
        try CacheFile(image: self.image, record: last ?? CacheRecord(), next: next).write(name, in: directory)
    }

    /// Writes nothing when the record is there already.
    package func save(_ record: CacheRecord) throws {
        try CacheFile(image: image, record: record).write(name, in: directory)
    }

    /// Notes that the cache is used now, in the file's time: the record itself says nothing about when. Fine when there is none.
    package func noteUse() { utimensat(AT_FDCWD, "\(directory)/\(name)", nil, AT_SYMLINK_NOFOLLOW) }

    package func clear() throws {
        try ConfinedDirectory(directory).removeTree(name)
    }

    /// Every cache in `directory`, least recently used first. One that does not say which image it is for may be for one of `names`.
    package static func all(in directory: String, knowing names: [Reference] = []) throws -> [KeptCache] {
        let folder = try ConfinedDirectory(directory)
        return try folder.names("").compactMap { name in
            guard CacheFile.isName(name.string), let status = try folder.status(name, followingLinks: false) else { return nil }
            let file = try? CacheFile.read(name.string, in: directory)
            let image = file?.reference(named: name.string) ?? names.first { CacheFile.name(of: $0) == name.string }
            return KeptCache(file: name.string, image: image, record: file?.record, next: file?.next?.record, lastUsed: status.modified)
        }
        .sorted { $0.lastUsed < $1.lastUsed }
    }

    package static func remove(_ cache: KeptCache, in directory: String) throws {
        try ConfinedDirectory(directory).removeTree(cache.file)
    }

    /// The digests of all blobs that caches in `directory` need: they are not garbage.
    package static func digests(in directory: String) throws -> Set<Digest> {
        Set(try records(in: directory).flatMap { $0.blobs.values.map(\.digest) })
    }

    /// The names of the copies of apps that caches in `directory` know.
    package static func apps(in directory: String) throws -> Set<String> {
        Set(try records(in: directory).compactMap { $0.app?.copy })
    }

    /// The layers that caches in `directory` would restore.
    package static func layers(in directory: String) throws -> Set<DiffID> {
        Set(try records(in: directory).flatMap { $0.blobs.values.map(\.diffID) })
    }

    private static func records(in directory: String) throws -> [CacheRecord] { try all(in: directory).flatMap(\.records) }
}
