import Archive
import Diagnostics
import Glibc

/// Folders that are made once, shared by builds and never changed: `<path>/<boot>/<name>`.
///
/// A tree appears by a rename, so it is there whole or not at all. Nothing is flushed to disk, so what another boot of the machine left is
/// not trusted but removed: all of it can be made again from something that is checked.
package final class BootTrees: Sendable {
    private static let unfinished = "unfinished-"
    private let path: String

    /// `path`: created when missing.
    package init(at path: String) throws {
        self.path = "\(path)/\(Self.boot)"
        try UniqueFolder.createAll(self.path)
        try Self.removeOtherBoots(path)
        try LockedFolder.sweep(self.path, prefix: Self.unfinished)
    }

    /// Where a tree is or will be.
    package func path(of name: String) -> String { "\(path)/\(name)" }

    package func contains(_ name: String) -> Bool { access(path(of: name), F_OK) == 0 }

    /// An empty folder, mode 0700, for a tree in the making. It is removed by a later run if this process dies before it is published.
    package func unfinishedTree() throws -> UnfinishedTree { UnfinishedTree(try LockedFolder(in: path, prefix: Self.unfinished), self) }

    /// The names of all trees at `path`.
    package static func names(at path: String) throws -> [String] {
        let folder = "\(path)/\(boot)"
        guard access(folder, F_OK) == 0 else { return [] }
        return try ConfinedDirectory(folder).names("").map(\.string).filter { !$0.hasPrefix(unfinished) }
    }

    /// The bytes of the disk that trees at `path` take, by name. Builds may run that hold the store.
    package static func sizes(at path: String, where isWanted: (String) -> Bool) throws -> [String: Int64] {
        var sizes: [String: Int64] = [:]
        for name in try names(at: path) where isWanted(name) {
            var usage = DiskUsage()
            try usage.add(ConfinedDirectory("\(path)/\(boot)/\(name)"))
            sizes[name] = usage.bytes
        }
        return sizes
    }

    /// Removes the other trees, and those of other boots. No build may be running.
    package static func remove(at path: String, keeping isKept: (String) -> Bool) throws {
        guard access(path, F_OK) == 0 else { return }
        try removeOtherBoots(path)
        let folder = "\(path)/\(boot)"
        guard access(folder, F_OK) == 0 else { return }
        for name in try names(at: path) where !isKept(name) { try LockedFolder.discard("\(folder)/\(name)", as: unfinished) }
        try LockedFolder.sweep(folder, prefix: unfinished)
    }

    private static func removeOtherBoots(_ path: String) throws {
        for name in try ConfinedDirectory(path).names("").map(\.string) where name != boot {
            try LockedFolder.removeTree("\(path)/\(name)")
        }
    }

    private static var boot: String {
        SmallFile.read("/proc/sys/kernel/random/boot_id").map { String($0.prefix { !$0.isWhitespace }) } ?? "unknown"
    }
}

/// A tree in the making.
package final class UnfinishedTree: Sendable {
    private let folder: LockedFolder
    private let trees: BootTrees
    package var path: String { folder.path }

    fileprivate init(_ folder: LockedFolder, _ trees: BootTrees) {
        self.folder = folder
        self.trees = trees
    }

    /// Gives the tree its name. Losing a race against another process is no error: what was made here is removed then.
    package func publish(as name: String) throws { try folder.publish(as: trees.path(of: name)) }

    package func discard() throws { try folder.remove() }
}
