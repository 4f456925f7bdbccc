/// The entries of a tree that somebody wrote to: all others are as they were.
package struct WrittenEntries: Equatable, Sendable {
    /// Below the tree's top; those that are gone, too.
    package private(set) var paths: Set<RawPath> = []
    /// How many of them are no directories.
    package private(set) var files = 0

    package init() {}

    package mutating func insert(_ path: RawPath, _ kind: FileStatus.Kind) {
        paths.insert(path)
        if kind != .directory { files += 1 }
    }
}

/// A tree as it was before somebody wrote to known places of it.
package struct EarlierTree: Sendable {
    /// Nobody writes to it any more.
    package let directory: ConfinedDirectory
    /// The tree at hand differs from it in these entries, and in nothing else.
    package let written: Set<RawPath>

    package init(_ directory: ConfinedDirectory, written: WrittenEntries) {
        self.directory = directory
        self.written = written.paths
    }
}
