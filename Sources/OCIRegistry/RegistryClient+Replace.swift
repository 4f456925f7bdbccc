import Archive
import Diagnostics
import NIOHTTP1
package import OCIImage

// Images that change where they are: their documents are read and written, their layers stay.
extension RegistryClient {
    /// More images than any index has.
    private static let indexLimit = 64

    /// What `reference` names at its own registry, no mirror of it: an image, or an index with all its images. Nil when it names nothing.
    ///
    /// Two requests for each image. Nothing goes into the store before a layer is asked for. When they will be changed there, the right to do so is
    /// asked for at once.
    package func named(_ reference: Reference, store: ImageStore, isChanged: Bool = true) async throws -> NamedImages? {
        var repository = try await origin(reference)
        if !isChanged { repository.access = .pull }
        guard let document = try await manifest(reference.identifier, expecting: reference.digest, in: repository) else { return nil }
        switch document.contents {
        case .manifest: return .image(try await image(document, reference, in: repository, store: store))
        case .index(let index):
            let entries = index.manifests.filter(ImageIndex.isImage)
            guard !entries.isEmpty else { throw RegistryError(.unsupported, "\(reference) is an index without any image") }
            guard entries.count <= Self.indexLimit else {
                throw RegistryError(.unsupported, "\(reference) is an index of \(entries.count) images, the limit is \(Self.indexLimit)")
            }
            var images: [Image] = []
            for entry in entries {
                guard let inner = try await manifest(entry.digest.description, expecting: entry.digest, in: repository) else {
                    throw RegistryError(.notFound, "\(reference): the index names \(entry.digest), but the registry does not have it")
                }
                images.append(try await image(inner, reference, in: repository, store: store))
            }
            return .index(ImageIndex(index, bytes: document.bytes, images: images))
        }
    }

    private func image(
        _ document: ManifestDocument, _ reference: Reference, in repository: RemoteRepository, store: ImageStore
    ) async throws -> Image {
        guard case .manifest(let manifest) = document.contents else {
            throw RegistryError(.unsupported, "\(reference) is an index of indexes")
        }
        let config = try await content(of: manifest.config, limit: ImageConfig.sizeLimit, in: repository)
        knownBlobs.insert(manifest.blobs.filter(\.mediaType.isDistributable).map(\.digest), in: repository)
        let blobs = LazyBlobs(client: self, repository: repository, reference: reference, store: store)
        do throws(Fault) {
            return try Image(
                manifest: document.bytes, declared: document.mediaType, config: config, blobs: blobs, name: reference.familiar)
        } catch {
            throw RegistryError(.malformed, "\(repository.host.authority): \(RegistryError.printable(error.message))", hint: error.hint)
        }
    }

    /// A small blob, verified.
    private func content(of descriptor: Descriptor, limit: Int, in repository: RemoteRepository) async throws -> [UInt8] {
        let request = RegistryRequest(.GET, repository.blob(descriptor.digest))
        guard descriptor.size <= Int64(limit) else {
            throw RegistryError(.malformed, "\(request.summary): the image config is larger than \(limit >> 20) MiB")
        }
        return try await retrying(at: repository) {
            let response = try await self.send(request, in: repository, wanted: [200])
            guard let bytes = try await self.transport.body(of: response, to: request, limit: Int(descriptor.size)),
                Digest.of(bytes) == descriptor.digest
            else { throw RegistryError(.corrupted, "\(request.summary): what came is not \(descriptor.digest)") }
            return bytes
        }
    }

    /// Notes that the registry has the layers of an image at `reference`, without asking it: if they are gone after all, they are sent.
    package func expect(_ image: Image, at reference: Reference) async throws {
        knownBlobs.insert(image.manifest.layers.filter(\.mediaType.isDistributable).map(\.digest), in: try await origin(reference))
    }

    /// Gives the tag `reference` images that neither it nor anything else in the registry names yet, as far as is known. Layers come from
    /// where they are, those of `mountFrom` are linked. The tag changes last, in one request.
    package func replace(_ reference: Reference, with content: NamedImages, store: ImageStore, mountFrom: [Reference]) async throws {
        guard let tag = reference.tag, reference.digest == nil else {
            throw Fault("'\(reference)' cannot be pushed to: it names a digest", hint: "push to a tag")
        }
        let target = try await origin(reference)
        switch content {
        case .image(let image):
            try await send(image, as: tag, in: target, reference: reference, store: store, mountFrom: mountFrom, isNew: true)
        case .index(let index):
            for image in index.images {
                try await send(
                    image, as: image.digest.description, in: target, reference: reference, store: store, mountFrom: mountFrom, isNew: true)
            }
            try await put(index.bytes, type: index.index.mediaType, as: tag, in: target, reference: reference)
        }
    }
}
