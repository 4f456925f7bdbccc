package import Archive
import Diagnostics
import Glibc

/// A blob on its way into the store: a private file that gets its name when its content is known to be right.
///
/// Dropping it without `commit` leaves nothing behind. One writer at a time.
package final class BlobIngest {
    private let file: TemporaryFile
    private let layout: LayoutDirectory
    private let hash = SHA256()
    private var hashedBytes: Int64 = 0

    init(_ file: TemporaryFile, _ layout: LayoutDirectory) {
        self.file = file
        self.layout = layout
    }

    /// For writers that compute the digest themselves, such as `LayerWriter`; then end with `commit(_ facts:)`.
    package var descriptor: Int32 { file.descriptor }

    /// Writes and hashes.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        try HostFile.write(bytes, to: file.descriptor, file.path)
        hash.update(bytes)
        hashedBytes += Int64(bytes.count)
    }

    package func append(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try append($0) } }

    /// Makes the blob visible if its content is what it should be. Hashes the file when it was not written by `append`.
    package func commit(expecting digest: Digest, size: Int64) throws {
        let actualSize = try fileSize()
        guard actualSize == size else { throw Fault("blob \(digest) has \(actualSize) bytes, not \(size)") }
        let actual: Digest
        if hashedBytes == actualSize { actual = hash.finish() } else { actual = try HostFile.digest(file.path) ?? .of([]) }
        guard actual == digest else { throw Fault("blob \(digest) has other content: its digest is \(actual)") }
        try file.rename(to: layout.blobPath(digest))
    }

    /// Makes a layer visible whose digest its writer computed on the way. Its size is checked, its digest is not computed again: where
    /// `LayerWriter` copied members of an earlier blob that come before the first change, the hash went on from a remembered state, so the
    /// digest is that of the bytes only if those members were whole.
    ///
    /// - Parameter flushed: whether it is to survive a power cut, because it was made here and may be nowhere else.
    package func commit(_ facts: LayerFacts, flushed: Bool = false) throws {
        let actualSize = try fileSize()
        guard actualSize == facts.size else { throw Fault("layer \(facts.digest) has \(actualSize) bytes on disk, not \(facts.size)") }
        try file.rename(to: layout.blobPath(facts.digest), flushed: flushed)
    }

    private func fileSize() throws -> Int64 { Int64(try HostFile.status(of: file.descriptor, file.path).st_size) }
}
