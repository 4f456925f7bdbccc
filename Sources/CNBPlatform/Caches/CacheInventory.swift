import Archive
import CNBLifecycle
import CNBSpec
import OCIImage
import Sandbox

/// What tote's folder has of build caches. No cache may be removed meanwhile.
struct CacheInventory {
    let store: ImageStore
    let home: ToteHome

    /// Least recently used first. `names` and those of the store tell what caches are for that do not say it themselves.
    func kept(knowing names: [Reference] = []) throws -> [KeptCache] {
        guard Directory.exists(home.cache) else { return [] }
        return try BuildCache.all(in: home.cache, knowing: names + store.list().compactMap(\.reference))
    }

    /// With sizes, for which all unpacked layers and copies of apps are walked.
    func measured(_ caches: [KeptCache]) throws -> [StoredCache] {
        let layers = Set(caches.flatMap { $0.record?.blobs.values.map(\.diffID) ?? [] })
        let unpacked = try UnpackedLayers.sizes(at: home.layers, of: layers)
        let names = Set(caches.compactMap { $0.record?.app?.copy })
        let apps = try BootTrees.sizes(at: home.apps) { names.contains($0) }
        return try caches.map { cache in
            var stored = StoredCache(
                image: cache.image, lastUsed: cache.lastUsed.seconds,
                layers: try cache.record.map { try self.layers(of: $0, unpacked: unpacked) } ?? [], isReadable: cache.record != nil)
            if let name = cache.record?.app?.copy, let size = apps[name] { stored.app = StoredApp(name: name, size: size) }
            return stored
        }
    }

    private func layers(of record: CacheRecord, unpacked: [DiffID: Int64]) throws -> [StoredCacheLayer] {
        let blobs = try ConfinedDirectory(home.images)
        func layer(_ buildpack: String?, _ name: String, _ types: LayerTypes?, sha: String) throws -> StoredCacheLayer? {
            guard let facts = record.blobs[sha] else { return nil }
            let blob = try blobs.status("blobs/sha256/\(facts.digest.hex)")
            return StoredCacheLayer(
                buildpack: buildpack, name: name, types: types, diffID: facts.diffID, digest: facts.digest, blobSize: blob?.size,
                unpackedSize: unpacked[facts.diffID], created: blob?.modified.seconds)
        }
        var layers: [StoredCacheLayer] = []
        for buildpack in record.metadata.buildpacks {
            for (name, record) in buildpack.layers.sorted(by: { $0.key < $1.key }) {
                if let found = try layer(buildpack.key, name, record.types, sha: record.sha) { layers.append(found) }
            }
        }
        if let found = try layer(nil, "SBOMs", nil, sha: record.metadata.sbom.sha) { layers.append(found) }
        return layers
    }
}
