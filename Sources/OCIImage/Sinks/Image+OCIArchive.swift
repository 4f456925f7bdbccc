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
}
