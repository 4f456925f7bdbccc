/// What is known of a layer once it has been written.
package struct LayerFacts: Hashable, Sendable, Codable {
    /// Of the uncompressed tar.
    package var diffID: DiffID
    /// Of the blob: the compressed file, or the tar itself when it was only hashed.
    package var digest: Digest
    /// Of the blob, in bytes.
    package var size: Int64

    package init(diffID: DiffID, digest: Digest, size: Int64) {
        self.diffID = diffID
        self.digest = digest
        self.size = size
    }
}
