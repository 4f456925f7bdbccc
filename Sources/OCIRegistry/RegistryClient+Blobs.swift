import Archive
import AsyncHTTPClient
import NIOHTTP1
import OCIImage

extension RegistryClient {
    /// Whether the repository has the blob.
    func hasBlob(_ digest: Digest, in repository: RemoteRepository) async throws -> Bool {
        let request = RegistryRequest(.HEAD, repository.blob(digest))
        return try await retrying(at: repository) {
            let response = try await self.send(request, in: repository, wanted: [200, 404])
            await self.transport.discard(response, to: request)
            return response.status == .ok
        }
    }

    /// Streams a blob into the store; nil when the repository lacks it. Nothing stays behind unless digest and size are right.
    ///
    /// An attempt that breaks off is continued where it ended.
    func download(_ descriptor: Descriptor, from repository: RemoteRepository, into store: ImageStore) async throws -> String? {
        let partial = PartialBlob(descriptor, of: repository, store)
        return try await retrying(at: repository, isRenewed: { partial.hasAdvanced() }) {
            let request = partial.request
            let response = try await self.send(request, in: repository, wanted: [200, 206, 404, 416])
            guard response.status != .notFound else {
                await self.transport.discard(response, to: request)
                return nil
            }
            try partial.begin(response)
            do {
                for try await buffer in response.body {
                    try partial.append(buffer)
                    if partial.isWorthReporting {
                        self.report(.downloading(descriptor.digest, received: partial.received, of: descriptor.size))
                    }
                }
                // A cancelled task sees the end of the body rather than an error.
                try Task.checkCancellation()
            } catch {
                throw RegistryError.explaining(error, request)
            }
            try partial.finish()
            self.report(.downloaded(descriptor.digest, size: descriptor.size))
            return store.path(of: descriptor.digest)
        }
    }
}
