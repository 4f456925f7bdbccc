/// What is known of a layer once it has been written.
package struct LayerFacts: Hashable, Sendable {
    /// Of the uncompressed tar.
    package var diffID: DiffID
    /// Of the blob: the compressed file, or the tar itself when it was only hashed.
    package var digest: Digest
    /// Of the blob, in bytes.
    package var size: Int64
    /// How the blob was made; nil when nobody knows, as somebody else made it.
    package var encoding: LayerEncoding?

    package init(diffID: DiffID, digest: Digest, size: Int64, encoding: LayerEncoding? = .standard) {
        self.diffID = diffID
        self.digest = digest
        self.size = size
        self.encoding = encoding
    }
}

extension LayerFacts: Codable {
    private enum CodingKeys: String, CodingKey { case diffID, digest, size, encoding }

    /// An encoding that is not said is the standard one; one that nobody knows is null.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            diffID: try container.decode(DiffID.self, forKey: .diffID), digest: try container.decode(Digest.self, forKey: .digest),
            size: try container.decode(Int64.self, forKey: .size))
        if container.contains(.encoding) { encoding = try container.decode(LayerEncoding?.self, forKey: .encoding) }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(diffID, forKey: .diffID)
        try container.encode(digest, forKey: .digest)
        try container.encode(size, forKey: .size)
        if encoding != .standard { try container.encode(encoding, forKey: .encoding) }
    }
}
