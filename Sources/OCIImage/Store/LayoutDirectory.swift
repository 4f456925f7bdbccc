import Archive
import Diagnostics
import Glibc

/// An OCI image layout on disk: `oci-layout`, `index.json` and `blobs/sha256/…`.
///
/// Blobs appear by rename when they are complete. `index.json` is replaced by rename under a lock on the directory itself, so
/// that writers in any number of processes do not lose each other's entries.
///
/// Before they get their names the index, documents that `put` writes and layers that are made here are flushed to the disk: the last may
/// be nowhere else, and the index must not name an empty manifest. Blobs that were fetched or copied, a pulled config among them, are not:
/// after a power cut one can be cut short, and then has another size than its descriptor says and counts as missing (documents, which are
/// small, are compared as a whole).
struct LayoutDirectory: Sendable {
    let path: String
    private let lastIndex = IndexMemory()

    init(path: String) { self.path = path }

    static let marker = #"{"imageLayoutVersion":"1.0.0"}"#
    /// The annotation that names an image in an index.
    static let nameAnnotation = "org.opencontainers.image.ref.name"
    static let indexLimit = 64 << 20

    var indexPath: String { "\(path)/index.json" }
    var blobDirectory: String { "\(path)/blobs/sha256" }
    func blobPath(_ digest: Digest) -> String { "\(blobDirectory)/\(digest.hex)" }

    /// Makes the files of an empty layout where they are missing.
    func create(mode: mode_t, temporaries: TemporaryFiles) throws {
        try HostFile.makeDirectories(blobDirectory, mode: mode)
        try HostFile.makeDirectories(temporaries.directory, mode: mode)
        temporaries.removeAbandoned()
        if HostFile.size("\(path)/oci-layout") == nil {
            let file = try temporaries.create()
            try file.write(Array(Self.marker.utf8))
            try file.rename(to: "\(path)/oci-layout")
        }
        if HostFile.size(indexPath) == nil { try updateIndex(temporaries) { _ in } }
    }

    /// Empty when there is none yet.
    func index() throws -> Index {
        guard let (file, size) = try HostFile.openForReading(indexPath) else { return Index() }
        let version = FileVersion(try HostFile.status(of: file.number, indexPath))
        if let known = lastIndex.index(of: version) { return known }
        let bytes = try HostFile.read(file, size: size, indexPath, limit: Self.indexLimit)
        let index = try Index(decoding: bytes, limit: Self.indexLimit, what: "'\(indexPath)'")
        lastIndex.remember(index, of: version)
        return index
    }

    func updateIndex<Result>(_ temporaries: TemporaryFiles, _ change: (inout Index) throws -> Result) throws -> Result {
        let directory = try HostFile.open(path, O_RDONLY | O_DIRECTORY)
        _ = try HostFile.lock(directory.number, LOCK_EX, path)
        defer { flock(directory.number, LOCK_UN) }
        let old = try index()
        var new = old
        let result = try change(&new)
        if new == old, HostFile.size(indexPath) != nil { return result }
        let file = try temporaries.create()
        try file.write(try new.encoded())
        try file.rename(to: indexPath, flushed: true)
        return result
    }

    /// Whether the blob is there in its full size.
    func contains(_ descriptor: Descriptor) -> Bool { HostFile.size(blobPath(descriptor.digest)) == descriptor.size }

    /// A document with its digest verified; nil when it is missing or damaged.
    func document(_ digest: Digest, limit: Int) throws -> [UInt8]? {
        guard let bytes = try HostFile.read(blobPath(digest), limit: limit), Digest.of(bytes) == digest else { return nil }
        return bytes
    }

    /// Stores a document. One that is there already, and undamaged, is left alone.
    @discardableResult
    func put(_ bytes: [UInt8], _ temporaries: TemporaryFiles) throws -> Digest {
        let digest = Digest.of(bytes)
        let target = blobPath(digest)
        if HostFile.size(target) == Int64(bytes.count), try HostFile.read(target, limit: bytes.count) == bytes { return digest }
        let file = try temporaries.create()
        try file.write(bytes)
        try file.rename(to: target, flushed: true)
        return digest
    }

    /// Nil when one of the image's two documents is missing or damaged. An index is followed to its image for `platform`.
    func image(_ digest: Digest, declared: MediaType?, platform: Platform, blobs: any BlobSource, name: String) throws -> Image? {
        guard let bytes = try document(digest, limit: Manifest.sizeLimit) else { return nil }
        if declared?.isIndex == true || (declared?.isManifest != true && DocumentLinks(bytes)?.isIndex == true) {
            let index = try Index(decoding: bytes, declared: declared, what: "the index of '\(name)'")
            guard let chosen = index.manifest(for: platform) else {
                let offered = index.platforms.map(\.description).joined(separator: ", ")
                throw Fault("'\(name)' has no image for \(platform)", hint: offered.isEmpty ? nil : "it has images for \(offered)")
            }
            // An index in an index is legal, and of no use.
            guard !chosen.mediaType.isIndex else { throw Fault("'\(name)' is an index of indexes") }
            return try image(chosen.digest, declared: chosen.mediaType, platform: platform, blobs: blobs, name: name)
        }
        let manifest = try Manifest(decoding: bytes, declared: declared, what: "the manifest of '\(name)'")
        guard let config = try document(manifest.config.digest, limit: ImageConfig.sizeLimit) else { return nil }
        return try Image(manifest: bytes, declared: declared, config: config, blobs: blobs, name: name)
    }
}

extension Descriptor {
    /// The name that a layout's index gives this image.
    var layoutName: String? { annotations[LayoutDirectory.nameAnnotation] }

    func named(_ name: String?) -> Descriptor {
        var copy = self
        copy.annotations[LayoutDirectory.nameAnnotation] = name
        return copy
    }
}
