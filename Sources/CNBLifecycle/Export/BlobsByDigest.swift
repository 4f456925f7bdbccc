import Archive
import OCIImage

/// The blobs of an image whose layers come from several images: from the store when it has them, else from where each came.
struct BlobsByDigest: BlobSource {
    let store: ImageStore
    private var sources: [Digest: any BlobSource] = [:]

    init(_ store: ImageStore, images: [Image]) {
        self.store = store
        for image in images {
            // The first that has a layer: the previous image shares the run image's, but need not have them at hand.
            for layer in image.manifest.layers where sources[layer.digest] == nil { sources[layer.digest] = image.blobs }
        }
    }

    func blob(_ descriptor: Descriptor) async throws -> String {
        if store.contains(descriptor) { return store.path(of: descriptor.digest) }
        return try await (sources[descriptor.digest] ?? store).blob(descriptor)
    }
}
