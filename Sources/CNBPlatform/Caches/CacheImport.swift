import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import OCIRegistry

/// Brings a cache that somebody else wrote into the store. Whatever is wrong with it is told, and costs what is wrong and no more: a layer, or all
/// of it. The store must be held.
struct CacheImport {
    let store: ImageStore
    let platform: Platform
    /// Of one layer, unpacked.
    let limit: UnpackingLimit
    let registry: RegistryClientSource
    /// What this machine's own cache has: its layers are neither fetched nor looked at.
    let own: CacheRecord
    let events: PhaseEvents

    /// Nil when there is no cache, or none that can be used. `scratch` is an empty folder.
    func record(from location: CacheLocation, scratch: String) async throws -> CacheRecord? {
        do {
            var lock: LayoutLock?
            defer { lock?.release() }
            if let folder = location.folder { lock = try await LayoutLock(folder, .shared) { events(location.waiting) } }
            guard let image = try await image(at: location, scratch: scratch) else {
                events(.note("There is no build cache at \(location) yet"))
                return nil
            }
            let made = image.config.platform
            guard made.os == platform.os, made.architecture == platform.architecture else {
                throw Fault("it is for \(made), not for \(platform)")
            }
            let cache = try CacheImage(image)
            for name in cache.missing { events(.warning(PhaseWarning("\(Self.damaged(name, location)): it is not there"))) }
            let right = try await layers(of: cache, at: location)
            events(.note("Using the build cache at \(location)"))
            return cache.record(with: right)
        } catch let error as CancellationError {
            throw error
        } catch {
            let reason = Fault("reading it", cause: error)
            events(.warning(PhaseWarning("the build cache at \(location) is not used: \(reason.message)", hint: reason.hint)))
            return nil
        }
    }

    /// Nil when nothing is there.
    private func image(at location: CacheLocation, scratch: String) async throws -> Image? {
        switch location {
        case .registry(let reference): return try await registry().image(reference, platform: platform, store: store)
        case .folder(let folder): return try await Self.image(tagged: CacheLocation.tag, in: folder)
        case .layout(let folder, let tag): return try await Self.image(tagged: tag, in: folder)
        case .tar(let file):
            guard let status = try ConfinedDirectory("/").status(file) else { return nil }
            guard status.kind == .file else { throw Fault("'\(file)' is not a regular file") }
            try await blocking { [limit] _ in try ImageOrigin.unpackArchive(file, into: scratch, limit) }
            return try LayoutSource(at: scratch, unpackedFrom: file).image(tag: nil, platform: platform)
        }
    }

    private static func image(tagged tag: String, in folder: String) async throws -> Image? {
        guard try ConfinedDirectory("/").status(folder + "/oci-layout") != nil else { return nil }
        let source = try LayoutSource(at: folder)
        return try source.has(tag) ? source.image(tag: tag) : nil
    }

    /// By their names.
    private func layers(of cache: CacheImage, at location: CacheLocation) async throws -> [String: LayerFacts] {
        let few = ConcurrencyLimit(4)
        return try await withThrowingTaskGroup(of: (String, LayerFacts?).self) { group in
            for layer in cache.layers {
                group.addTask {
                    do {
                        return (layer.name, try await few.run { try await facts(of: layer, in: cache) })
                    } catch let error as CancellationError {
                        throw error
                    } catch {
                        events(.warning(PhaseWarning("\(Self.damaged(layer.name, location)): \(error.diagnosis)")))
                        return (layer.name, nil)
                    }
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }

    private static func damaged(_ name: String, _ location: CacheLocation) -> String {
        "the layer '\(name)' of the build cache at \(location) is not used"
    }

    /// The blob in the store, fetched if no blob there has that layer.
    private func facts(of layer: CacheImage.Layer, in cache: CacheImage) async throws -> LayerFacts {
        let sha = layer.layer.diffID.description, descriptor = layer.layer.descriptor
        let id = layer.name
        if let facts = own.blobs[sha], own.names(of: sha).contains(id), store.contains(facts) { return facts }
        if let known = store.anyBlob(of: layer.layer.diffID) {
            do {
                try await verify(known, layer)
                return known
            } catch let error as CancellationError {
                throw error
            } catch {
                // The cache need not be to blame.
                _ = try await blocking { [store] _ in try store.removeIfDamaged(known.digest) }
            }
        }
        guard descriptor.size <= limit.bytes else { throw Fault("it has \(descriptor.size) bytes, and the limit is \(limit.bytes)") }
        let facts = try layer.facts()
        _ = try await blocking { [store] _ in try store.removeIfDamaged(facts.digest) }
        let path = try await cache.image.blobs.blob(descriptor)
        if !store.contains(descriptor) { try await blocking { [store] _ in try store.copy(descriptor, from: path) } }
        try await verify(facts, layer)
        try? store.remember(facts)
        return facts
    }

    private func verify(_ facts: LayerFacts, _ layer: CacheImage.Layer) async throws {
        let path = store.path(of: facts.digest)
        try await blocking { [limit] _ in try layer.verify(blob: path, compression: facts.compression, limit: limit) }
    }
}

/// Makes the client when it is first needed.
typealias RegistryClientSource = @Sendable () throws -> RegistryClient

extension CacheLocation {
    /// That writers remove blobs from.
    fileprivate var folder: String? { if case .folder(let folder) = self { folder } else { nil } }

    /// What whoever waits for the folder says.
    var waiting: PhaseEvent { .note("Waiting for another build that uses the build cache at \(self)") }
}

extension CacheRecord {
    /// `<buildpack id>:<layer>` of each layer with that diffID.
    fileprivate func names(of sha: String) -> [String] {
        metadata.buildpacks.flatMap { buildpack in
            buildpack.layers.filter { $0.value.sha == sha }.map { "\(buildpack.key):\($0.key)" }
        } + (metadata.sbom.sha == sha ? [CacheImage.sbomName] : [])
    }
}
