import Archive
import Diagnostics
import FoundationEssentials
import OCIImage

/// What the file of a cache holds: the record, and in the same object the full name of the image that it is for, and the record that comes next.
struct CacheFile: Codable {
    /// Of one record.
    static let recordLimit = 16 << 20
    /// Of two records and what is beside them.
    static let limit = 2 * recordLimit + (1 << 16)

    /// A record that counts from the moment at which its image has the name.
    struct Next: Codable {
        /// The digest of the image's manifest.
        var image: String
        var record: CacheRecord
    }

    var image: String?
    var record: CacheRecord
    /// What a build leaves that is giving its image the name. It stays when that goes wrong: only the registry may know whether it did.
    var next: Next?

    private enum CodingKeys: String, CodingKey { case image, next }

    init(image: Reference, record: CacheRecord, next: Next? = nil) {
        self.image = image.full
        self.record = record
        self.next = next
    }

    init(from decoder: any Decoder) throws {
        record = try CacheRecord(from: decoder)
        // What cannot be read beside the record costs no more than that.
        let container = try? decoder.container(keyedBy: CodingKeys.self)
        image = try? container?.decodeIfPresent(String.self, forKey: .image)
        next = try? container?.decodeIfPresent(Next.self, forKey: .next)
    }

    func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(image, forKey: .image)
        try container.encodeIfPresent(next, forKey: .next)
    }

    static func name(of image: Reference) -> String { Digest.of(Array(image.full.utf8)).hex + ".json" }

    /// Whether a file of that name in a folder of caches is one.
    static func isName(_ name: String) -> Bool { name.hasSuffix(".json") && Digest(hex: name.dropLast(5)) != nil }

    /// What the build left that made the image.
    func record(of image: Digest?) -> CacheRecord {
        if let next, let image, next.image == image.description { return next.record }
        return record
    }

    /// The image that the file says it is for, if the file's own name agrees.
    func reference(named file: String) -> Reference? {
        guard let reference = image.flatMap({ try? Reference(parsing: $0) }), Self.name(of: reference) == file else { return nil }
        return reference
    }

    /// Nil when there is none.
    static func read(_ name: String, in directory: String) throws -> CacheFile? {
        guard let bytes = try ConfinedDirectory(directory).readIfPresent(name, limit: limit) else { return nil }
        do {
            return try JSONDecoder().decode(CacheFile.self, from: Data(bytes))
        } catch {
            throw Fault("'\(directory)/\(name)' is no record of a build cache")
        }
    }

    /// Writes nothing when the same is there already.
    func write(_ name: String, in directory: String) throws {
        let bytes = try CanonicalJSON.encode(self)
        guard bytes.count <= (next == nil ? Self.recordLimit : Self.limit) else {
            throw Fault(
                "the record of the build cache would have \(bytes.count) bytes, and the limit is \(Self.recordLimit)",
                hint: "buildpacks have to put less into the metadata of their layers")
        }
        let folder = try ConfinedDirectory(directory)
        guard (try? folder.readIfPresent(name, limit: Self.limit)) != bytes else { return }
        try folder.write(name, bytes, mode: 0o600)
    }
}
