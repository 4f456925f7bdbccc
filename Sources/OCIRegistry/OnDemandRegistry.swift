package import OCIImage
import Synchronization

/// A registry client that is made when it is first needed: most builds of an ordinary day ask no registry.
package final class OnDemandRegistry: Sendable {
    private let configuration: RegistryConfiguration
    private let made = Mutex<RegistryClient?>(nil)

    package init(_ configuration: RegistryConfiguration) { self.configuration = configuration }

    /// Always the same. Fails when the file of certificate authorities cannot be read.
    package func client() throws -> RegistryClient {
        try made.withLock { made in
            if let made { return made }
            let client = try RegistryClient(configuration)
            made = client
            return client
        }
    }

    /// Closes the connections, if there are any.
    package func shutdown() async {
        await made.withLock { $0 }?.shutdown()
    }

    /// The blobs of an image that was pulled from `reference` before; no registry is asked until one is missing.
    package func blobs(of reference: Reference, store: ImageStore) -> any BlobSource {
        KeptImageBlobs(registry: self, reference: reference, store: store)
    }
}
