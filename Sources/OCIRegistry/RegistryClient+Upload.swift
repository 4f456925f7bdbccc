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
            return .session(UploadSession(address: try Redirect.target(response.headers, from: request)))
        }
    }

    /// Sends a blob whole. An attempt that fails is followed by a new session; the first one may be at hand already.
    func upload(_ descriptor: Descriptor, _ body: RegistryRequest.Body, to repository: RemoteRepository, session: UploadSession?)
        async throws
    {
        var open = session
        try await retrying(at: repository) {
            let session: UploadSession
            if let given = open {
                session = given
                open = nil
            } else if case .session(let new) = try await self.openUpload(repository) {
                session = new
            } else {
                return
            }
            var request = RegistryRequest(
                .PUT, session.address(finishing: descriptor.digest), headers: [("Content-Type", "application/octet-stream")],
                body: body)
            request.commits = true
            let response = try await self.send(request, in: repository, wanted: [201, 204])
            await self.transport.discard(response, to: request)
            if let stored = response.headers.first(name: "Docker-Content-Digest").flatMap({ Digest($0) }), stored != descriptor.digest {
                throw RegistryError(.corrupted, "\(request.summary): \(descriptor.digest) was sent, but the registry stored \(stored)")
            }
        }
    }

    /// Gives a session back that is not needed. Registries drop it by themselves too, so nothing depends on the answer.
    func abandon(_ session: UploadSession, in repository: RemoteRepository) async {
        let request = RegistryRequest(.DELETE, session.address)
        guard let response = try? await send(request, in: repository, wanted: [204]) else { return }
        await transport.discard(response, to: request)
    }
}
