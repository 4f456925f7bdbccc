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

    /// Frees the blobs that no image, no cache and no pulled image needs. Nil while a build runs: a later run frees them.
    func collectGarbage() throws -> Int64? {
        let needed = try needed()
        guard let freed = try store.removeUnreachable(keeping: needed, waiting: false) else { return nil }
        try removeUnusedLayers()
        return freed
    }

    /// Removes the unpacked layers that no cache names. None may be in use, and whoever lacks the rights for that leaves it to the next build.
    private func removeUnusedLayers() throws {
        guard mode != nil, Directory.exists(home.layers), let lock = try store.lock(.exclusive, waiting: false) else { return }
        defer { lock.release() }
        let named = Directory.exists(home.cache) ? try BuildCache.layers(in: home.cache) : []
        try UnpackedLayers.remove(at: home.layers, except: named)
    }

    private func needed() throws -> Set<Digest> {
        let fetched = try library.remotes.all() + RemoteRecords(at: home.daemonImages).all()
        let pulled = Set(fetched.map(\.digest))
        return Directory.exists(home.cache) ? pulled.union(try BuildCache.digests(in: home.cache)) : pulled
    }

    /// Empties tote's folder: images, caches, unpacked layers, left-overs. Refused while a build runs.
    package func pruneAll() throws {
        guard let lock = try store.lock(.exclusive, waiting: false) else {
            throw Fault("a build or a run is using tote's folder", hint: "wait until it has ended, then prune again")
        }
        defer { lock.release() }
        try ToteFolder(home).removeContents()
    }
}
