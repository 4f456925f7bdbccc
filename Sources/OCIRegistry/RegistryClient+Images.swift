import Archive
import Diagnostics
package import OCIImage

extension RegistryClient {
    /// Indexes inside indexes are followed this deep.
    private static let indexDepth = 3

    /// The image for `platform`: manifest and config are in the store afterwards, each layer follows when it is first asked for.
    ///
    /// nil when the registry does not have `reference`. A plain manifest is taken as it is, whatever platform its config names.
    package func image(_ reference: Reference, platform: Platform, store: ImageStore) async throws -> Image? {
        let locations = try RegistryLocation.readable(reference, mirrors: configuration.mirrors)
        let found = try await read(locations) { repository in
            try await self.image(reference, platform: platform, store: store, in: repository)
        }
        return found?.value
    }

    private func image(_ reference: Reference, platform: Platform, store: ImageStore, in repository: RemoteRepository) async throws
        -> Image?
    {
        guard let document = try await manifest(reference.identifier, expecting: reference.digest, in: repository) else { return nil }
        let source = "\(reference) at \(repository.host.authority)"
        let (manifest, bytes) = try await imageManifest(document, platform: platform, in: repository, source: source, depth: 0)
        guard manifest.config.size <= Int64(ImageConfig.sizeLimit) else {
            throw RegistryError(.malformed, "\(source): the image config is larger than \(ImageConfig.sizeLimit >> 20) MiB")
        }
        let blobs = LazyBlobs(client: self, repository: repository, reference: reference, store: store)
        _ = try await blobs.blob(manifest.config)
        guard let config = try store.document(manifest.config.digest, limit: ImageConfig.sizeLimit) else {
            throw Fault("the config of '\(reference)' (\(manifest.config.digest)) was removed from the image store or is damaged")
        }
        let image: Image
        do throws(Fault) {
            image = try Image(manifest: bytes, declared: manifest.mediaType, config: config, blobs: blobs, name: "\(reference)")
        } catch {
            throw RegistryError(.malformed, "\(repository.host.authority): \(RegistryError.printable(error.message))", hint: error.hint)
        }
        try store.put(bytes)
        knownBlobs.insert(manifest.blobs.filter(\.mediaType.isDistributable).map(\.digest), in: repository)
        return image
    }

    /// Follows indexes to the manifest for `platform`.
    private func imageManifest(
        _ document: ManifestDocument, platform: Platform, in repository: RemoteRepository, source: String, depth: Int
    ) async throws -> (Manifest, bytes: [UInt8]) {
        let index: Index
        switch document.contents {
        case .manifest(let manifest): return (manifest, document.bytes)
        case .index(let found): index = found
        }
        guard depth < Self.indexDepth else { throw RegistryError(.malformed, "\(source): indexes are nested too deeply") }
        func follow(_ entry: Descriptor) async throws -> (Manifest, bytes: [UInt8]) {
            guard let inner = try await manifest(entry.digest.description, expecting: entry.digest, in: repository) else {
                throw RegistryError(.notFound, "\(source): the index names \(entry.digest), but the registry does not have it")
            }
            return try await imageManifest(inner, platform: platform, in: repository, source: source, depth: depth + 1)
        }
        if let entry = index.manifest(for: platform) { return try await follow(entry) }
        // Indexes inside this one need not say what they hold.
        for entry in index.manifests where entry.platform == nil && entry.mediaType.isIndex {
            do {
                return try await follow(entry)
            } catch let error as RegistryError where error.kind == .noSuchPlatform {
                continue
            }
        }
        throw RegistryError(.noSuchPlatform, "\(source) has no image for \(platform)", hint: Self.offer(index))
    }

    private static func offer(_ index: Index) -> String {
        var seen: Set<Platform> = []
        let names = index.platforms.filter { seen.insert($0).inserted }.map { RegistryError.printable("\($0)", limit: 60) }
        return names.isEmpty ? "its index names no platform at all" : "it exists for \(names.joined(separator: ", "))"
    }
}
