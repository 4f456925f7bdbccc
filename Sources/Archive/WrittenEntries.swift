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
