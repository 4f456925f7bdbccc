import Archive
import CNBLifecycle
import Diagnostics
package import OCIImage
import Sandbox

extension BuildPlatform {
    /// Every named image of the store.
    package func images() throws -> [StoredImage] {
        try store.list().filter { $0.name != nil }
    }

    /// Takes names away and frees what nothing needs any more: the answer in bytes, or nil while builds run, when a later removal does it.
    /// All names must exist, or nothing changes.
    package func removeImages(_ references: [Reference]) throws -> Int64? {
        for reference in references where try store.image(reference) == nil {
            throw Fault("there is no image '\(reference)' in the store", hint: "'tote images' lists them")
        }
        for reference in references {
            try store.untag(reference)
            if Directory.exists(home.cache) { try BuildCache(in: home.cache, image: reference).clear() }
        }
        return try collectGarbage()
    }

    /// Frees what no image, no cache and no pulled image needs; the answer is the bytes of its blobs. Nil while a build runs: a later run frees it.
    func collectGarbage() throws -> Int64? {
        guard let lock = try store.lock(.exclusive, waiting: false) else { return nil }
        defer { lock.release() }
        return try removeGarbage(under: lock)
    }

    @discardableResult
    func removeGarbage(under lock: StoreLock) throws -> Int64 {
        let freed = try removeUnusedBlobs(under: lock)
        try removeUnusedLayers(under: lock)
        return freed
    }

    func removeUnusedBlobs(under lock: StoreLock) throws -> Int64 { try store.removeUnreachable(keeping: needed(), under: lock) }

    /// Removes the unpacked layers and the copies of apps that no cache names. Whoever lacks the rights for that leaves it to the next build.
    func removeUnusedLayers(under lock: StoreLock) throws {
        guard mode != nil else { return }
        let hasCaches = Directory.exists(home.cache)
        try UnpackedLayers.remove(at: home.layers, except: hasCaches ? BuildCache.layers(in: home.cache) : [])
        let apps = hasCaches ? try BuildCache.apps(in: home.cache) : []
        try BootTrees.remove(at: home.apps) { apps.contains($0) }
    }

    /// What remembers the images that were fetched from registries and from the daemon.
    func memories() throws -> [RemoteRecords] { [library.remotes, try RemoteRecords(at: home.daemonImages)] }

    func fetched() throws -> Set<Digest> { Set(try memories().flatMap { try $0.all() }.map(\.digest)) }

    private func needed() throws -> Set<Digest> {
        let fetched = try fetched()
        return Directory.exists(home.cache) ? fetched.union(try BuildCache.digests(in: home.cache)) : fetched
    }
}
