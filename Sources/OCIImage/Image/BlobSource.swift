/// Where the blobs of an image come from.
package protocol BlobSource: Sendable {
    /// The host path of a local file that holds the blob; digest and size have been verified when the file came to be.
    func blob(_ descriptor: Descriptor) async throws -> String
}

/// Looks into one source, and for what that lacks into another: new layers in the store above layers that lie elsewhere.
package struct LayeredBlobs: BlobSource {
    package let store: ImageStore
    package let base: any BlobSource

    package init(_ store: ImageStore, over base: any BlobSource) {
        self.store = store
        self.base = base
    }

    package func blob(_ descriptor: Descriptor) async throws -> String {
        store.contains(descriptor) ? store.path(of: descriptor.digest) : try await base.blob(descriptor)
    }
}
