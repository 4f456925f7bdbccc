/// How much of the disk trees take together. A file with several names counts once.
package struct DiskUsage: Sendable {
    private struct Inode: Hashable, Sendable {
        var device: UInt64
        var number: UInt64
    }

    package private(set) var bytes: Int64 = 0
    private var seen: Set<Inode> = []

    package init() {}

    /// Adds all of a tree. Needs the rights to list it, not those to read it.
    package mutating func add(_ directory: ConfinedDirectory) throws {
        try directory.walk { entry, _ in
            let status = entry.status
            let isNew =
                status.links < 2 || status.kind == .directory
                || seen.insert(Inode(device: status.device, number: status.inode)).inserted
            if isNew { bytes += status.allocated }
            return .descend
        }
    }
}
