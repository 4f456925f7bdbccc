package import Archive
import AsyncHTTPClient
import Diagnostics
import NIOHTTP1
package import OCIImage

extension RegistryClient {
    /// Sends an image to `reference`, which has a tag, and then writes `additionalTags` in the same repository.
    ///
    /// Blobs that the registry has are not sent. Those it may have in the repositories `mountFrom` are linked from there. A blob that is
    /// neither there nor in the store is fetched from where the image came from. The manifest goes last, so a tag never names an incomplete image.
    package func push(
        _ image: Image, to reference: Reference, additionalTags: [String] = [], store: ImageStore, mountFrom: [Reference] = []
    ) async throws -> Digest {
        guard let tag = reference.tag, reference.digest == nil else {
            throw Fault("'\(reference)' cannot be pushed to: it names a digest", hint: "push to a tag")
        }
        let target = try await origin(reference)
        try await send(image, as: tag, in: target, reference: reference, store: store, mountFrom: mountFrom)
        for other in additionalTags where other != tag {
            try await put(image, as: other, in: target, reference: try reference.with(tag: other))
        }
        return image.digest
    }

    /// Sends what the registry lacks of an image, and then its manifest under `identifier`, a tag or the image's own digest.
    ///
    /// - Parameter isNew: whether the registry surely has neither the manifest under that identifier nor the config, so that it need not be asked.
    func send(
        _ image: Image, as identifier: String, in target: RemoteRepository, reference: Reference, store: ImageStore, mountFrom: [Reference],
        isNew: Bool = false
    ) async throws {
        if !isNew, try await head(identifier, expecting: nil, in: target)?.digest == image.digest { return }
        let sources = try await mountSources(mountFrom, for: target)
        do {
            try await sendBlobs(of: image, to: target, store: store, sources: sources, isNew: isNew)
            try await put(image, as: identifier, in: target, reference: reference)
        } catch let error as RegistryError where error.isMissingBlob {
            // The registry has lost something that it had: look again, trusting nothing.
            knownBlobs.forget(target)
            try await sendBlobs(of: image, to: target, store: store, sources: sources)
            try await put(image, as: identifier, in: target, reference: reference)
        }
    }

    /// Repositories of the same registry, each once.
    private func mountSources(_ references: [Reference], for target: RemoteRepository) async throws -> [RemoteRepository] {
        var sources: [RemoteRepository] = []
        for reference in references where RegistryLocation(origin: reference).host == target.host {
            let source = try await origin(reference)
            if source != target, !sources.contains(source) { sources.append(source) }
        }
        return sources
    }

    private func sendBlobs(
        of image: Image, to target: RemoteRepository, store: ImageStore, sources: [RemoteRepository], isNew: Bool = false
    ) async throws {
        var seen: Set<Digest> = []
        // Layers that registries need not hold stay where their URLs point.
        let blobs = image.manifest.blobs.filter { $0.mediaType.isDistributable && seen.insert($0.digest).inserted }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (index, blob) in blobs.enumerated() {
                if index >= configuration.parallelTransfers { try await group.next() }
                group.addTask { try await self.send(blob, of: image, to: target, store: store, sources: sources, isNew: isNew) }
            }
            try await group.waitForAll()
        }
    }

    /// Makes sure of one blob by the cheapest way that works: it is there, it is linked, it is sent.
    private func send(
        _ blob: Descriptor, of image: Image, to target: RemoteRepository, store: ImageStore, sources: [RemoteRepository], isNew: Bool
    ) async throws {
        if knownBlobs.digests(in: target)?.contains(blob.digest) == true {
            return report(.alreadyThere(blob.digest, size: blob.size))
        }
        // A config belongs to one image, so no other repository has it.
        let isConfig = blob.digest == image.manifest.config.digest
        let certain = sources.filter { !isConfig && knownBlobs.digests(in: $0)?.contains(blob.digest) == true }
        let possible = sources.filter { !isConfig && knownBlobs.digests(in: $0) == nil }
        var session: UploadSession?
        // Linking what is known to be elsewhere costs one request, as asking for it here does.
        if try await link(blob, in: target, from: certain, &session) { return }
        if !(isConfig && isNew), try await hasBlob(blob.digest, in: target) {
            if let unused = session { await abandon(unused, in: target) }
            knownBlobs.insert([blob.digest], in: target)
            return report(.alreadyThere(blob.digest, size: blob.size))
        }
        if try await link(blob, in: target, from: possible, &session) { return }
        if isConfig {
            // Not in the store yet when the image was only just put together.
            try await upload(blob, .bytes(image.configBytes), to: target, session: session)
        } else {
            let path = store.contains(blob) ? store.path(of: blob.digest) : try await image.blobs.blob(blob)
            let body = RegistryRequest.Body.file(path: path, 0..<blob.size) {
                self.report(.uploading(blob.digest, sent: $0, of: blob.size))
            }
            try await upload(blob, body, to: target, session: session)
        }
        knownBlobs.insert([blob.digest], in: target)
        report(.uploaded(blob.digest, size: blob.size))
    }

    /// Whether one of the repositories gave the blob. Else `session` may be one in which it can be sent.
    private func link(
        _ blob: Descriptor, in target: RemoteRepository, from sources: [RemoteRepository], _ session: inout UploadSession?
    ) async throws -> Bool {
        for source in sources {
            if let unused = session { await abandon(unused, in: target) }
            switch try await mount(blob.digest, in: target, from: source) {
            case .mounted:
                knownBlobs.insert([blob.digest], in: target)
                report(.mounted(blob.digest, size: blob.size, from: source.name))
                return true
            case .session(let opened): session = opened
            case nil: session = nil
            }
        }
        return false
    }

    /// nil when we may not read `source`, which is no reason to fail.
    private func mount(_ digest: Digest, in target: RemoteRepository, from source: RemoteRepository) async throws -> MountAnswer? {
        do {
            return try await openUpload(target, mounting: digest, from: source)
        } catch let error as RegistryError where error.kind == .unauthorized || error.kind == .denied {
            return nil
        }
    }

    private func put(_ image: Image, as identifier: String, in target: RemoteRepository, reference: Reference) async throws {
        try await put(image.manifestBytes, type: image.manifest.mediaType, as: identifier, in: target, reference: reference)
    }

    /// Writes a manifest or an index.
    func put(_ bytes: [UInt8], type: MediaType, as identifier: String, in target: RemoteRepository, reference: Reference) async throws {
        let digest = Digest.of(bytes)
        let request = RegistryRequest(
            .PUT, target.manifest(identifier), headers: [("Content-Type", type.rawValue)], body: .bytes(bytes))
        try await retrying(at: target) {
            let response = try await self.send(request, in: target, wanted: [200, 201])
            await self.transport.discard(response, to: request)
            if let stored = response.headers.first(name: "Docker-Content-Digest").flatMap({ Digest($0) }), stored != digest {
                throw RegistryError(.corrupted, "\(request.summary): \(digest) was sent, but the registry stored \(stored)")
            }
        }
        report(.tagged(reference.full, digest))
    }
}

extension RegistryError {
    /// A manifest was refused because it names a blob that the registry lacks.
    var isMissingBlob: Bool { codes.contains { $0 == "MANIFEST_BLOB_UNKNOWN" || $0 == "BLOB_UNKNOWN" } }
}
