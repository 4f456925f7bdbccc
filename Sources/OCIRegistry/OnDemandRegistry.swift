package import OCIImage
import Synchronization

/// A registry client that is made when it is first needed: most builds of an ordinary day ask no registry.
package final class OnDemandRegistry: Sendable {
    private let configuration: RegistryConfiguration
    private let made = Mutex<RegistryClient?>(nil)

    /// A file of certificate authorities is read at once: a wrong one is to be told before any work is done.
    package init(_ configuration: RegistryConfiguration) throws {
        self.configuration = configuration
        if configuration.certificateAuthorities != nil { _ = try client() }
    }

    /// Always the same.
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
