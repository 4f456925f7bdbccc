import Archive
import Diagnostics
import OCIImage

/// What `POST /images/load` gets: a tar with the image's documents and layers, made while it is sent.
struct DockerArchive: Sendable {
    enum Contents: Sendable {
        case bytes([UInt8])
        /// A file as it is.
        case file(String)
        /// The uncompressed content of a compressed file.
        case inflated(String)
    }

    struct Entry: Sendable {
        let header: [UInt8]
        let contents: Contents
        let size: Int64

        init(_ name: String, _ contents: Contents, size: Int64) throws {
            header = try TarHeader(path: RawPath(name), kind: .file, mode: 0o644, size: size).encoded()
            self.contents = contents
            self.size = size
        }

        init(_ name: String, _ bytes: [UInt8]) throws { try self.init(name, .bytes(bytes), size: Int64(bytes.count)) }

        /// Zeros up to the next whole block.
        var padding: Int { Int((512 - size % 512) % 512) }
    }

    private(set) var entries: [Entry] = []

    /// Of the whole stream, with the two empty blocks at its end.
    var size: Int64 { entries.reduce(1024) { $0 + Int64($1.header.count) + $1.size + Int64($1.padding) } }
}

extension DockerArchive {
    /// In Docker's own form, which every daemon reads: `manifest.json`, the config, and layers without compression, because a
    /// daemon takes twice as long to inflate them itself.
    ///
    /// Names are written in full: a short one means another image to Podman. The lowest `known` layers are left out: they share one empty file. Layers are fetched as far as they are not at hand.
    static func docker(_ image: Image, names: [Reference], leavingOut known: Int) async throws -> DockerArchive {
        let layers = image.layers.enumerated().map { index, layer in
            (name: index < known ? "known.tar" : "\(layer.diffID.digest.hex).tar", layer: layer, isKnown: index < known)
        }
        let config = "\(image.manifest.config.digest.hex).json"
        let manifest = DockerArchiveEntry(config: config, names: names.map(\.full), layers: layers.map(\.name))
        var archive = DockerArchive()
        archive.entries.append(try Entry("manifest.json", try manifest.document()))
        archive.entries.append(try Entry(config, image.configBytes))
        if known > 0 { archive.entries.append(try Entry("known.tar", [])) }
        var added: Set<String> = []
        for (name, layer, isKnown) in layers where !isKnown && added.insert(name).inserted {
            let path = try await image.blobs.blob(layer.descriptor)
            if let size = try await InflatedSize.measure(path) {
                archive.entries.append(try Entry(name, .inflated(path), size: size))
            } else {
                archive.entries.append(try Entry(name, .file(path), size: layer.descriptor.size))
            }
        }
        return archive
    }

    /// As an OCI layout that is a Docker archive too, with all blobs as they are: containerd keeps them, and the manifest's digest.
    static func layout(_ image: Image, names: [Reference]) async throws -> DockerArchive {
        func blob(_ digest: Digest) -> String { "blobs/sha256/\(digest.hex)" }
        let named = names.map { name in
            var descriptor = image.descriptor
            descriptor.annotations["io.containerd.image.name"] = name.full
            descriptor.annotations["org.opencontainers.image.ref.name"] = name.tag
            return descriptor
        }
        let config = blob(image.manifest.config.digest), layers = image.manifest.layers.map { blob($0.digest) }
        let manifest = DockerArchiveEntry(config: config, names: names.map(\.full), layers: layers)
        var archive = DockerArchive()
        archive.entries = [
            try Entry("oci-layout", Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8)),
            try Entry("index.json", try Index(manifests: named).encoded()),
            try Entry("manifest.json", try manifest.document()),
            try Entry(blob(image.digest), image.manifestBytes),
            try Entry(config, image.configBytes),
        ]
        var added: Set<Digest> = []
        for layer in image.manifest.layers where added.insert(layer.digest).inserted {
            archive.entries.append(try Entry(blob(layer.digest), .file(try await image.blobs.blob(layer)), size: layer.size))
        }
        return archive
    }
}
