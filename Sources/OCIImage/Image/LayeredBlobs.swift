import Archive

/// The blobs of an image whose layers come from several images: from the store when it has them, else from where each came.
package struct LayeredBlobs: BlobSource {
    private let store: ImageStore
    private var sources: [Digest: any BlobSource] = [:]

    package init(_ store: ImageStore, over images: [Image]) {
        self.store = store
        for image in images {
            // The first that has a blob: a previous image shares the run image's, but need not have them at hand.
            for blob in image.manifest.blobs where sources[blob.digest] == nil { sources[blob.digest] = image.blobs }
        }
    }

    package func blob(_ descriptor: Descriptor) async throws -> String {
        if store.contains(descriptor) { return store.path(of: descriptor.digest) }
        return try await (sources[descriptor.digest] ?? store).blob(descriptor)
    }
}
