package import Archive
import Diagnostics
import Glibc

/// Reads what `docker save` and `write(toDockerArchive:)` write, once unpacked into a folder.
package struct DockerArchiveSource {
    private static let layerLimit = 4096
    private let folder: ConfinedDirectory
    /// What messages call the archive.
    private let file: String

    /// - Parameter folder: the files of the archive `file`. Everything in it may be hostile.
    package init(_ folder: ConfinedDirectory, unpackedFrom file: String) {
        self.folder = folder
        self.file = file
    }

    /// The names that the archive gives its only image.
    package func names() throws -> [Reference] { try entry().names.map { try Reference(parsing: $0) } }

    private func entry() throws -> DockerArchiveEntry {
        guard let bytes = try folder.readIfPresent("manifest.json", limit: Manifest.sizeLimit) else {
            let isLayout = try folder.status("oci-layout") != nil
            throw Fault(
                "'\(file)' is no archive as 'docker save' writes it: there is no 'manifest.json' in it",
                hint: isLayout ? "it looks like one of an OCI layout: oci-archive:\(file)" : "check which file it is")
        }
        let entries = try DockerArchiveEntry.decode(bytes, what: "manifest.json of '\(file)'")
        guard entries.count == 1, let entry = entries.first else {
            throw Fault("'\(file)' holds \(entries.count) images", hint: "save one image into each archive")
        }
        return entry
    }

    /// The archive's only image, put into the store without a name: config and layers byte for byte, under a manifest of the Docker family.
    package func image(into store: ImageStore) throws -> Image {
        let entry = try self.entry()
        guard entry.layers.count <= Self.layerLimit else {
            throw Fault("the archive's image has \(entry.layers.count) layers, which is too many")
        }
        guard let config = try folder.readIfPresent(entry.config, limit: ImageConfig.sizeLimit) else { throw missing(entry.config) }
        try store.put(config)
        let expected = try ImageConfig(decoding: config, what: "the config of the archive's image").diffIDs
        guard expected.count == entry.layers.count else {
            throw Fault("the archive contradicts itself: \(entry.layers.count) layers, but \(expected.count) diffIDs in the config")
        }
        let layers = try zip(entry.layers, expected).map { try layer($0, expecting: $1, into: store) }
        let manifest = Manifest(
            mediaType: .dockerManifest, config: Descriptor(mediaType: .dockerConfig, bytes: config), layers: layers, annotations: [:])
        let manifestBytes = try manifest.encoded()
        try store.put(manifestBytes)
        return try Image(manifest: manifestBytes, config: config, blobs: store, name: "the archive's image")
    }

    private func missing(_ path: String) -> Fault {
        Fault("there is no '\(path)' in '\(file)', which its manifest.json names", hint: "the archive is damaged: make it again")
    }

    /// Copies one layer as it is, compressed or not, and checks what it holds.
    private func layer(_ path: String, expecting diffID: DiffID, into store: ImageStore) throws -> Descriptor {
        guard try folder.status(path) != nil else { throw missing(path) }
        let (number, status) = try folder.open(path)
        let file = OwnedDescriptor(number)
        let compression = try verify(file, path, holds: diffID)
        let blob = try store.ingest()
        let digest = SHA256()
        guard lseek(file.number, 0, SEEK_SET) == 0 else { throw Fault(system: "reading '\(path)'") }
        try HostFile.readAll(file.number, path) { piece in
            digest.update(piece)
            try blob.append(piece)
        }
        let found = digest.finish()
        try blob.commit(expecting: found, size: status.size)
        return Descriptor(mediaType: .layer(.docker, compression), digest: found, size: status.size)
    }

    private func verify(_ file: OwnedDescriptor, _ path: String, holds diffID: DiffID) throws -> LayerCompression {
        let stream = try LayerStream(descriptor: file.number)
        let hash = SHA256()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
        defer { buffer.deallocate() }
        while true {
            let count = try stream.read(into: buffer)
            guard count > 0 else { break }
            hash.update(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        }
        guard DiffID(hash.finish()) == diffID else {
            throw Fault(
                "layer '\(path)' of the archive holds other contents than its config says (\(diffID))", hint: "the archive is damaged")
        }
        return stream.compression
    }
}
