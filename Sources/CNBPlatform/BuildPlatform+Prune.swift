import Archive
import Diagnostics
import Glibc
import OCIImage
import Sandbox

extension BuildPlatform {
    /// Empties tote's folder: images, caches, unpacked layers, left-overs. Refused while a build runs.
    package func pruneAll() throws {
        try exclusively { _ in try ToteFolder(home).removeContents() }
    }

    /// Removes what nothing refers to; named images and build caches stay. Refused while a build runs.
    ///
    /// Pulled images, downloads and copies of registries of buildpacks have no owner: they go when no command used them for `unusedFor`.
    package func prune(unusedFor: Period) throws -> FreedSpace {
        try exclusively { lock in
            let now = Int64(time(nil))
            var freed = FreedSpace()
            for memory in try memories() {
                for record in try memory.all() {
                    guard let use = try memory.lastUse(record.reference), unusedFor.hasPassed(since: use, at: now) else { continue }
                    try memory.forget(record.reference)
                }
            }
            let images = try store.diffIDs(with: fetched())
            freed.blobs = try removeUnusedBlobs(under: lock)
            freed.imageLayers = try measuringFreed([home.rootFilesystems]) {
                try RootFilesystems(at: home.rootFilesystems, mode: requireMode()).remove(except: images)
            }
            freed.cacheLayers = try measuringFreed([home.layers, home.apps]) { try removeUnusedLayers(under: lock) }
            for folder in [home.downloads, home.registries] {
                freed.downloads += try measuringFreed([folder]) { try removeCopies(in: folder, unusedFor: unusedFor, at: now) }
            }
            freed.scratch = try measuringFreed([home.temporary]) { try BuildScratch.sweep(home.temporary) }
            return freed
        }
    }

    private func removeCopies(in folder: String, unusedFor: Period, at now: Int64) throws {
        let directory = try ConfinedDirectory(folder)
        for name in try directory.names("") {
            // What dead runs left half-way has no use at all.
            let isUnfinished = name.string.hasPrefix("new-")
            let use = KeptCopy(path: "\(folder)/\(name.string)").lastUse
            if isUnfinished || use.map({ unusedFor.hasPassed(since: $0, at: now) }) == true { try directory.removeTree(name) }
        }
    }

    /// The bytes of the disk by which `body` makes folders smaller. Without any of them it is not called.
    func measuringFreed(_ folders: [String], _ body: () throws -> Void) throws -> Int64 {
        let folders = folders.filter(Directory.exists)
        guard !folders.isEmpty else { return 0 }
        func usage() throws -> Int64 {
            var usage = DiskUsage()
            for folder in folders { try usage.add(ConfinedDirectory(folder)) }
            return usage.bytes
        }
        let before = try usage()
        try body()
        return max(0, before - (try usage()))
    }
}

/// What a removal freed, in bytes.
package struct FreedSpace: Equatable, Sendable {
    /// Of images and caches.
    package var blobs: Int64 = 0
    /// Unpacked layers of images.
    package var imageLayers: Int64 = 0
    /// Unpacked layers of build caches, and copies of apps.
    package var cacheLayers: Int64 = 0
    /// Downloads of buildpacks and copies of their registries.
    package var downloads: Int64 = 0
    /// What dead builds left.
    package var scratch: Int64 = 0

    package var total: Int64 { blobs + imageLayers + cacheLayers + downloads + scratch }
}
