import Archive
import AsyncHTTPClient
import NIOHTTP1
import OCIImage

extension RegistryClient {
    /// Asks for an upload session, offering a repository that may have the blob.
    func openUpload(_ repository: RemoteRepository, mounting digest: Digest? = nil, from source: RemoteRepository? = nil) async throws
        -> MountAnswer
    {
        let request = RegistryRequest(.POST, repository.uploads(mounting: digest, from: source?.name))
        return try await retrying(at: repository) {
            let response = try await self.send(request, in: repository, also: source, wanted: digest == nil ? [202] : [201, 202])
            await self.transport.discard(response, to: request)
            if response.status == .created { return .mounted }
            let smallest = response.headers.first(name: "OCI-Chunk-Min-Length").flatMap { Int64($0) } ?? 0
            return .session(UploadSession(address: try Redirect.target(response.headers, from: request), smallestPiece: smallest))
        }
    }

    /// Sends a blob, in the session that is at hand or in a new one.
    func upload(_ descriptor: Descriptor, _ body: RegistryRequest.Body, to repository: RemoteRepository, session: UploadSession?)
        async throws
    {
        let upload = BlobUpload(self, descriptor, body, to: repository, session: session)
        try await retrying(at: repository) { try await upload.attempt() }
    }

    /// Gives a session back that is not needed. Registries drop it by themselves too, so nothing depends on the answer.
    func abandon(_ session: UploadSession, in repository: RemoteRepository) async {
        let request = RegistryRequest(.DELETE, session.address)
        guard let response = try? await send(request, in: repository, wanted: [204]) else { return }
        await transport.discard(response, to: request)
    }
}
