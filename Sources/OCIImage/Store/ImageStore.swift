package import Archive
import Diagnostics
import Glibc

/// tote's images: one OCI image layout in a private folder, which other tools can read as it is.
///
/// Killed at any instant it is valid, and any number of processes may use it at once. See `LayoutDirectory` for how.
package final class ImageStore: BlobSource, Sendable {
    package let path: String
    let layout: LayoutDirectory
    let temporaries: TemporaryFiles

    /// Opens the store, creating it when it is missing, and clears what dead writers left.
    package init(at path: String) throws {
        self.path = path
        layout = LayoutDirectory(path: path)
        temporaries = TemporaryFiles(in: "\(path)/ingest")
        try HostFile.makeDirectories(path, mode: 0o700)
        try Self.checkPrivate(path)
        try layout.create(mode: 0o700, temporaries: temporaries)
    }

    private static func checkPrivate(_ path: String) throws {
        guard let status = try HostFile.status(path) else { throw Fault("'\(path)' does not exist") }
        guard status.st_uid == geteuid() else {
            throw Fault(
                "the image store '\(path)' belongs to user \(status.st_uid), not to user \(geteuid())",
                hint: "set TOTE_HOME to a folder of your own; as root, run without sudo or with sudo -H")
        }
        guard status.st_mode & 0o077 == 0 else {
            throw Fault("the image store '\(path)' is open to other users", hint: "close it: chmod 700 '\(path)'")
        }
    }

    /// The lock that builds hold shared while they use the store; nil when it is taken and `waiting` is false.
    package func lock(_ mode: StoreLock.Mode, waiting: Bool = true) throws -> StoreLock? {
        try StoreLock("\(path)/store.lock", mode, waiting: waiting)
    }

    // MARK: blobs

    package func path(of digest: Digest) -> String { layout.blobPath(digest) }

    /// Whether a blob of that name is there. Prefer a descriptor or a layer's facts, which also tell its size.
    package func contains(_ digest: Digest) -> Bool { HostFile.size(layout.blobPath(digest)) != nil }

    /// Whether the blob is there in its full size.
    package func contains(_ descriptor: Descriptor) -> Bool { layout.contains(descriptor) }

    /// The same for the blob of a layer.
    package func contains(_ facts: LayerFacts) -> Bool { HostFile.size(layout.blobPath(facts.digest)) == facts.size }

    package func blob(_ descriptor: Descriptor) async throws -> String {
        guard contains(descriptor) else {
            throw Fault(
                "blob \(descriptor.digest) is not in the image store '\(path)', or cut short there",
                hint: "build, pull or import the image that it belongs to again")
        }
        return layout.blobPath(descriptor.digest)
    }

    /// The content of a small blob, digest verified; nil when it is missing or damaged.
    package func document(_ digest: Digest, limit: Int = Manifest.sizeLimit) throws -> [UInt8]? {
        try layout.document(digest, limit: limit)
    }

    /// Stores a document. One that is there already, and undamaged, is left alone.
    @discardableResult
    package func put(_ bytes: [UInt8]) throws -> Digest {
        try layout.put(bytes, temporaries)
    }

    /// Begins a blob that is written piece by piece.
    package func ingest() throws -> BlobIngest { BlobIngest(try temporaries.create(), layout) }
}
