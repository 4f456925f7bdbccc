import Archive
import FoundationEssentials
import OCIImage

/// What the file of a cache holds: the record, and in the same object the full name of the image that it is for.
struct CacheFile: Codable {
    static let limit = 16 << 20

    var image: String?
    var record: CacheRecord

    private enum CodingKeys: String, CodingKey { case image }

    init(image: Reference, record: CacheRecord) {
        self.image = image.full
        self.record = record
    }

    init(from decoder: any Decoder) throws {
        record = try CacheRecord(from: decoder)
        // A name that cannot be read costs the name and not the cache.
        image = try? decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(String.self, forKey: .image)
    }

    func encode(to encoder: any Encoder) throws {
        try record.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfPresent(image, forKey: .image)
    }

    static func name(of image: Reference) -> String { Digest.of(Array(image.full.utf8)).hex + ".json" }

    /// The image that the file says it is for, if the file's own name agrees.
    func reference(named file: String) -> Reference? {
        guard let reference = image.flatMap({ try? Reference(parsing: $0) }), Self.name(of: reference) == file else { return nil }
        return reference
    }

    /// Nil when there is none, or none that can be read.
    static func read(_ name: String, in directory: String) -> CacheFile? {
        guard let bytes = try? ConfinedDirectory(directory).readIfPresent(name, limit: limit) else { return nil }
        return try? JSONDecoder().decode(CacheFile.self, from: Data(bytes))
    }
}
