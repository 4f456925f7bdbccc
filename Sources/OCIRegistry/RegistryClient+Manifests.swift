import Archive
import AsyncHTTPClient
import NIOHTTP1
package import OCIImage

extension RegistryClient {
    /// What `reference` names now: a manifest or an index. nil when the registry does not have it.
    ///
    /// - Parameter hasAlternative: whether another name is asked when this one fails: a registry that cannot be reached is not waited for.
    package func resolve(_ reference: Reference, hasAlternative: Bool = false) async throws -> Descriptor? {
        let locations = try RegistryLocation.readable(reference, mirrors: configuration.mirrors)
        return try await read(locations) { repository in
            var repository = repository
            repository.hasAlternative = hasAlternative
            return try await self.head(reference.identifier, expecting: reference.digest, in: repository)
        }?.value
    }

    /// The descriptor by HEAD, by GET where HEAD does not say enough.
    func head(_ identifier: String, expecting digest: Digest?, in repository: RemoteRepository) async throws -> Descriptor? {
        let request = RegistryRequest(.HEAD, repository.manifest(identifier), headers: Self.acceptManifests)
        let headers: HTTPHeaders? = try await retrying(at: repository) {
            let response = try await self.send(request, in: repository, wanted: [200, 404, 405, 501])
            await self.transport.discard(response, to: request)
            if response.status == .notFound { return nil }
            return response.status == .ok ? response.headers : HTTPHeaders()
        }
        guard let headers else { return nil }
        guard let found = headers.first(name: "Docker-Content-Digest").flatMap({ Digest($0) }),
            let size = headers.first(name: "Content-Length").flatMap({ Int64($0) }),
            let type = headers.contentType.map({ MediaType(rawValue: $0) }),
            type.isManifest || type.isIndex
        else { return try await manifest(identifier, expecting: digest, in: repository)?.descriptor }
        guard digest == nil || digest == found else {
            throw RegistryError(.corrupted, "\(request.summary): the registry says that this is \(found)")
        }
        return Descriptor(mediaType: type, digest: found, size: size)
    }

    /// The document, its digest checked against what was asked for and what the registry says. nil when it is missing.
    func manifest(_ identifier: String, expecting digest: Digest?, in repository: RemoteRepository) async throws -> ManifestDocument? {
        let request = RegistryRequest(.GET, repository.manifest(identifier), headers: Self.acceptManifests)
        return try await retrying(at: repository) {
            let response = try await self.send(request, in: repository, wanted: [200, 404])
            guard response.status == .ok else {
                await self.transport.discard(response, to: request)
                return nil
            }
            guard let bytes = try await self.transport.body(of: response, to: request, limit: Manifest.sizeLimit) else {
                throw RegistryError(.malformed, "\(request.summary): the manifest is larger than \(Manifest.sizeLimit >> 20) MiB")
            }
            let actual = Digest.of(bytes)
            // A header with another algorithm says nothing that can be compared.
            let announced = response.headers.first(name: "Docker-Content-Digest").flatMap { Digest($0) }
            for expected in [digest, announced].compactMap({ $0 }) where expected != actual {
                throw RegistryError(
                    .corrupted, "\(request.summary): the manifest should be \(expected), but what came is \(actual)",
                    hint: "the registry or something on the way changes what it serves")
            }
            return try ManifestDocument(bytes, contentType: response.headers.contentType, source: request.summary)
        }
    }

    private static let acceptManifests = ManifestDocument.accepted.map { ("Accept", $0.rawValue) }
}

extension Reference {
    /// What the protocol asks by: the digest when there is one, else the tag.
    var identifier: String { digest.map(\.description) ?? tag ?? "latest" }
}

extension HTTPHeaders {
    /// Without parameters such as a charset.
    var contentType: String? {
        first(name: "Content-Type").map { header in
            let type = header.prefix { $0 != ";" }
            return String(type.drop { $0 == " " }.prefix { $0 != " " }).lowercased()
        }
    }
}
