import OCIImage

/// The blobs of an image whose documents were kept from an earlier pull: the registry is asked only for what the store lacks.
struct KeptImageBlobs: BlobSource {
    let registry: OnDemandRegistry
    let reference: Reference
    let store: ImageStore

    func blob(_ descriptor: Descriptor) async throws -> String {
        if store.contains(descriptor) { return store.path(of: descriptor.digest) }
        let client = try registry.client()
        let locations = try RegistryLocation.readable(reference, mirrors: client.configuration.mirrors)
        let repository = try await client.repository(at: locations[0])
        return try await LazyBlobs(client: client, repository: repository, reference: reference, store: store).blob(descriptor)
    }
}
