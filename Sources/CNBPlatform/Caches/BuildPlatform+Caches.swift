import Archive
import CNBLifecycle
import Diagnostics
import Glibc
package import OCIImage

extension BuildPlatform {
    private var inventory: CacheInventory { CacheInventory(store: store, home: home) }

    /// The build caches of all app images, least recently used first.
    package func caches() async throws -> [StoredCache] {
        try await holdingStore { try inventory.measured(inventory.kept()) }
    }

    package func cache(of image: Reference) async throws -> StoredCache {
        try await holdingStore {
            let kept = try inventory.kept(knowing: [image]).filter { $0.image?.full == image.full }
            guard let cache = try inventory.measured(kept).first else { throw Self.missingCache(image) }
            return cache
        }
    }

    /// Removes caches, with what only they needed. All images that are named must have one, or nothing changes; refused while a build runs.
    package func pruneCaches(_ pruning: CachePruning) throws -> (removed: [StoredCache], freed: Int64) {
        try exclusively { lock in
            let kept = try inventory.kept(knowing: pruning.images)
            for image in pruning.images where !kept.contains(where: { $0.image?.full == image.full }) { throw Self.missingCache(image) }
            let removed = try removeCaches(pruning, of: kept)
            let freed = try measuringFreed([home.layers, home.apps]) { try removeUnusedLayers(under: lock) }
            return (removed, try freed + removeUnusedBlobs(under: lock))
        }
    }

    /// Holds caches to the size that is configured. `image` was just built, and its cache stays. While other builds run, nothing is
    /// removed: they may come to need any blob. That is told, since it can be so for long.
    func limitCaches(sparing image: Reference) throws {
        guard let limit = configuration.cacheSize else { return }
        guard let lock = try store.lock(.exclusive, waiting: false) else { return try tellOfLimit(limit, sparing: image) }
        defer { lock.release() }
        let removed = try removeCaches(CachePruning(keptSize: limit), of: inventory.kept(), sparing: image)
        guard !removed.isEmpty else { return }
        try removeGarbage(under: lock)
        let names = removed.map { $0.image?.familiarTagged ?? "an unknown image" }.joined(separator: ", ")
        events(.note("Removed the build cache of \(names): caches took more than \(formatted(bytes: limit))"))
    }

    private func tellOfLimit(_ limit: Int64, sparing image: Reference) throws {
        // Nobody needs to hear of it while another process removes what it can.
        guard let lock = try store.lock(.shared, waiting: false) else { return }
        defer { lock.release() }
        let caches = try inventory.measured(inventory.kept())
        guard !CachePruning(keptSize: limit).choose(from: caches, sparing: image, now: Int64(time(nil))).isEmpty else { return }
        let size = formatted(bytes: StoredCache.size(of: caches)), allowed = formatted(bytes: limit)
        events(
            .warning(
                PhaseWarning(
                    "build caches take \(size), and 'cache.max-size' allows \(allowed): nothing is removed while another build runs",
                    hint: "a build that ends when no other runs removes them, and so does 'tote cache prune --keep-size'")))
    }

    private func removeCaches(_ pruning: CachePruning, of kept: [KeptCache], sparing: Reference? = nil) throws -> [StoredCache] {
        let measured = try inventory.measured(kept)
        let chosen = pruning.choose(from: measured, sparing: sparing, now: Int64(time(nil)))
        for index in chosen { try BuildCache.remove(kept[index], in: home.cache) }
        return chosen.map { measured[$0] }
    }

    private static func missingCache(_ image: Reference) -> Fault {
        Fault("there is no build cache of '\(image.familiarTagged)'", hint: "'tote cache list' lists them")
    }
}
