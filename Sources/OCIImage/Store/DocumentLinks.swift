import Archive

/// The blobs that any manifest or index names, read without asking whether it is a good one.
struct DocumentLinks: Decodable {
    let manifests: [Descriptor]
    let blobs: [Descriptor]
    let isIndex: Bool

    enum CodingKeys: String, CodingKey { case manifests, config, layers }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        manifests = try container.list(.manifests)
        isIndex = container.contains(.manifests)
        let config = try container.decodeIfPresent(Descriptor.self, forKey: .config)
        blobs = try (config.map { [$0] } ?? []) + container.list(.layers)
    }

    /// Nil when this is not such a document.
    init?(_ bytes: [UInt8]) {
        guard bytes.first == UInt8(ascii: "{"),
            let links = try? CanonicalJSON.decode(Self.self, from: bytes, limit: Manifest.sizeLimit, what: "")
        else { return nil }
        self = links
    }
}
