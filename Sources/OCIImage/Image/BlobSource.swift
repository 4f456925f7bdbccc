/// Where the blobs of an image come from.
package protocol BlobSource: Sendable {
    /// The host path of a local file that holds the blob; digest and size have been verified when the file came to be.
    func blob(_ descriptor: Descriptor) async throws -> String
}
