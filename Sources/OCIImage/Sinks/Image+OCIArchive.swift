import Archive

extension Image {
    /// Writes an OCI layout as one uncompressed tar file (K-11). Equal images give equal bytes.
    package func write(toOCIArchive path: String, tag: String?) async throws {
        let output = try OutputFile(path)
        var tar = TarFile(output.temporary)
        try tar.append("oci-layout", Array(LayoutDirectory.marker.utf8))
        try tar.append("index.json", try Index(manifests: [descriptor.named(tag)]).encoded())
        // As an ordinary user, skopeo cannot unpack files whose folders are not in the archive.
        for folder in ["blobs", "blobs/sha256"] { try tar.append(folder: folder) }
        try tar.append("blobs/sha256/\(digest.hex)", manifestBytes)
        try tar.append("blobs/sha256/\(manifest.config.digest.hex)", configBytes)
        var written = Set([digest, manifest.config.digest])
        for layer in manifest.layers where written.insert(layer.digest).inserted {
            guard let source = try await self.path(of: layer) else { continue }
            try tar.append("blobs/sha256/\(layer.digest.hex)", file: source, size: layer.size)
        }
        try tar.finish()
        try output.finish()
    }

    /// Whether the file is what `write(toOCIArchive:)` would make of it, whole and undamaged. All of it is read.
    package func isWhole(inOCIArchive path: String, tag: String?) -> Bool {
        guard let (file, _) = try? HostFile.openForReading(path) else { return false }
        return withExtendedLifetime(file) { (try? isWhole(in: LayerReader(descriptor: file.number), tag: tag)) ?? false }
    }

    private func isWhole(in archive: LayerReader, tag: String?) throws -> Bool {
        var missing = Set(([digest] + manifest.blobs.map(\.digest)).map { RawPath("blobs/sha256/\($0.hex)") })
        let index = Digest.of(try Index(manifests: [descriptor.named(tag)]).encoded())
        var isNamed = false
        while let header = try archive.next() {
            let hash = SHA256()
            guard header.path == "index.json" || missing.remove(header.path) != nil else { continue }
            try archive.readContents { hash.update($0) }
            let found = hash.finish()
            if header.path == "index.json" {
                isNamed = found == index
            } else if header.path != RawPath("blobs/sha256/\(found.hex)") {
                return false
            }
        }
        return isNamed && missing.isEmpty
    }
}
