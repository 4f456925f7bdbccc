package import Archive
package import CNBSpec
import Diagnostics
import FoundationEssentials
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

    package init(metadata: CacheMetadata = CacheMetadata(), blobs: [String: LayerFacts] = [:]) {
        self.metadata = metadata
        self.blobs = blobs
    }
}

/// The build cache of one app image: one small file, replaced as a whole, so the old record is valid until the new one is there.
package struct BuildCache: Sendable {
    private let directory: String
    private let name: String
    private static let limit = 16 << 20

    /// - Parameter directory: an existing folder of the host.
    package init(in directory: String, image: Reference) {
        self.directory = directory
        name = Digest.of(Array(image.full.utf8)).hex + ".json"
    }

    /// An empty record when there is none, or none that can be read (D-89).
    package func load() -> CacheRecord {
        Self.record(name, in: directory) ?? CacheRecord()
    }

    package func save(_ record: CacheRecord) throws {
        try ConfinedDirectory(directory).write(name, CanonicalJSON.encode(record), mode: 0o600)
    }

    package func clear() throws {
        try ConfinedDirectory(directory).removeTree(name)
    }

    /// The digests of all blobs that caches in `directory` need: they are not garbage.
    package static func digests(in directory: String) throws -> Set<Digest> {
        let names = try ConfinedDirectory(directory).names("")
        return Set(names.compactMap { record($0.string, in: directory) }.flatMap { $0.blobs.values.map(\.digest) })
    }

    /// The layers that caches in `directory` would restore.
    package static func layers(in directory: String) throws -> Set<DiffID> {
        let names = try ConfinedDirectory(directory).names("")
        return Set(names.compactMap { record($0.string, in: directory) }.flatMap { $0.blobs.values.map(\.diffID) })
    }

    private static func record(_ name: String, in directory: String) -> CacheRecord? {
        guard let bytes = try? ConfinedDirectory(directory).readIfPresent(name, limit: limit) else { return nil }
        return try? JSONDecoder().decode(CacheRecord.self, from: Data(bytes))
    }
}
