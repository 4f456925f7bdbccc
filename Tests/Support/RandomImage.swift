package import Archive
package import OCIImage

/// Images with contents that no other image has.
package enum RandomImage {
    /// In `store`, without a name: one file of `size` random bytes per layer.
    package static func make(
        in store: ImageStore, layers: Int = 1, size: Int = 1000, family: MediaType.Family = .oci, platform: Platform = .host
    ) throws -> Image {
        let empty = try Image(config: ImageConfig(platform: platform), family: family, blobs: store)
        let new = try (0..<layers).map { index in
            NewLayer(try layer(in: store, name: "file-\(index)", size: size), history: History())
        }
        let image = try empty.appending(new)
        try store.put(image.configBytes)
        try store.put(image.manifestBytes)
        return image
    }

    /// A layer in `store` with one file of random bytes.
    package static func layer(in store: ImageStore, name: String, size: Int) throws -> LayerFacts {
        let ingest = try store.ingest()
        let writer = LayerWriter(.gzip(to: ingest.descriptor))
        try writer.append(TarHeader(path: RawPath(name), kind: .file, mode: 0o644), contents: bytes(size))
        let facts = try writer.finish()
        try ingest.commit(facts)
        return facts
    }

    package static func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count { withUnsafeBytes(of: generator.next()) { bytes.append(contentsOf: $0) } }
        return Array(bytes.prefix(count))
    }
}
