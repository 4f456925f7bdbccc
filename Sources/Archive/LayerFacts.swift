/// What is known of a layer once it has been written.
package struct LayerFacts: Hashable, Sendable {
    /// Of the uncompressed tar.
    package var diffID: DiffID
    /// Of the blob: the compressed file, or the tar itself when it was only hashed.
    package var digest: Digest
    /// Of the blob, in bytes.
    package var size: Int64
    /// How the blob was made; nil when nobody knows, as somebody else made it.
    package let encoding: LayerEncoding?
    /// How the blob is to be read. That of the encoding, where there is one.
    package let compression: LayerCompression

    package init(diffID: DiffID, digest: Digest, size: Int64, encoding: LayerEncoding = .standard) {
        self.init(diffID: diffID, digest: digest, size: size, encoding: encoding, compression: encoding.compression)
    }

    /// A blob that perhaps somebody else made.
    package init(diffID: DiffID, digest: Digest, size: Int64, encoding: LayerEncoding?, compression: LayerCompression) {
        self.diffID = diffID
        self.digest = digest
        self.size = size
        self.encoding = encoding
        self.compression = encoding?.compression ?? compression
    }
}

extension LayerFacts: Codable {
    private enum CodingKeys: String, CodingKey { case diffID, digest, size, encoding, compression }

    /// An encoding that is not said is the standard one; one that nobody knows is null, and then the compression is said where it is not gzip.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        var encoding = LayerEncoding?.some(.standard)
        if container.contains(.encoding) { encoding = try container.decode(LayerEncoding?.self, forKey: .encoding) }
        self.init(
            diffID: try container.decode(DiffID.self, forKey: .diffID), digest: try container.decode(Digest.self, forKey: .digest),
            size: try container.decode(Int64.self, forKey: .size), encoding: encoding,
            compression: try container.decodeIfPresent(LayerCompression.self, forKey: .compression) ?? .gzip)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(diffID, forKey: .diffID)
        try container.encode(digest, forKey: .digest)
        try container.encode(size, forKey: .size)
        if encoding != .standard { try container.encode(encoding, forKey: .encoding) }
        if encoding == nil, compression != .gzip { try container.encode(compression, forKey: .compression) }
    }
}
