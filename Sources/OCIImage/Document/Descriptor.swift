package import Archive

/// A blob as another document names it.
package struct Descriptor: Hashable, Sendable {
    package var mediaType: MediaType
    package var digest: Digest
    /// In bytes; never negative.
    package var size: Int64
    /// Where a layer that registries do not hold can be had.
    package var urls: [String]
    package var annotations: [String: String]
    package var platform: Platform?
    package var artifactType: String?

    package init(mediaType: MediaType, digest: Digest, size: Int64, annotations: [String: String] = [:], platform: Platform? = nil) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        urls = []
        self.annotations = annotations
        self.platform = platform
    }

    /// A document that is at hand.
    package init(mediaType: MediaType, bytes: [UInt8]) {
        self.init(mediaType: mediaType, digest: .of(bytes), size: Int64(bytes.count))
    }
}

extension Sequence<Descriptor> {
    /// Bytes of all, or the largest number there is: sizes are what others say.
    package var totalSize: Int64 {
        reduce(0) { sum, blob in
            let (result, overflow) = sum.addingReportingOverflow(blob.size)
            return overflow ? .max : result
        }
    }
}

extension Descriptor: Codable {
    enum CodingKeys: String, CodingKey { case mediaType, digest, size, urls, annotations, platform, artifactType }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        mediaType = try container.decodeIfPresent(MediaType.self, forKey: .mediaType) ?? MediaType("")
        digest = try container.decode(Digest.self, forKey: .digest)
        size = try container.decode(Int64.self, forKey: .size)
        guard size >= 0 else {
            throw DecodingError.dataCorruptedError(forKey: .size, in: container, debugDescription: "a size cannot be negative")
        }
        urls = try container.strings(.urls)
        annotations = try container.stringMap(.annotations)
        platform = try container.decodeIfPresent(Platform.self, forKey: .platform)
        artifactType = try container.nonEmptyString(.artifactType)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(digest, forKey: .digest)
        try container.encode(size, forKey: .size)
        try container.encodeIfNotEmpty(urls, .urls)
        try container.encodeIfNotEmpty(annotations, .annotations)
        try container.encodeIfPresent(platform, forKey: .platform)
        try container.encodeIfNotEmpty(artifactType, .artifactType)
    }
}
