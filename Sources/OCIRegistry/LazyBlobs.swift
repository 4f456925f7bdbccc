import Archive
import Diagnostics
import OCIImage

/// The blobs of an image that lies in a registry: each is downloaded into the store when it is first asked for.
struct LazyBlobs: BlobSource {
    let client: RegistryClient
    /// Where the manifest came from: the first place to ask.
    let repository: RemoteRepository
    let reference: Reference
    let store: ImageStore

    func blob(_ descriptor: Descriptor) async throws -> String {
        if store.contains(descriptor) { return store.path(of: descriptor.digest) }
        return try await client.downloads.value(of: "\(store.path(of: descriptor.digest))") {
            try await client.downloadSlots.withSlot { try await fetch(descriptor) }
        }
    }

    private func fetch(_ descriptor: Descriptor) async throws -> String {
        let own = RegistryLocation(origin: reference)
        do {
            if let path = try await client.download(descriptor, from: repository, into: store) { return path }
        } catch let error as RegistryError where repository.isMirror {
            client.report(.mirrorPassedOver(mirror: repository.host.authority, reason: error.message))
        }
        if repository.isMirror, let path = try await client.download(descriptor, from: try await client.repository(at: own), into: store) {
            return path
        }
        throw RegistryError(.notFound, "\(reference): the registry has the manifest, but not the blob \(descriptor.digest)")
    }
}
