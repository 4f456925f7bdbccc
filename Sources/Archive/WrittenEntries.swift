/// The entries of a tree that somebody wrote to: all others are as they were.
package struct WrittenEntries: Equatable, Sendable {
    /// Below the tree's top; those that are gone, too, unless a directory that took the place of theirs is there.
    package private(set) var paths: Set<RawPath> = []
    /// Those of them that are directories in which entries were added, removed or changed, but which nobody made anew.
    private(set) var sameDirectories: Set<RawPath> = []
    /// How many of them are no directories.
    package private(set) var files = 0

    package init() {}

    /// - Parameter isReplaced: whether what a directory had in it is gone.
    package mutating func insert(_ path: RawPath, _ kind: FileStatus.Kind, isReplaced: Bool = false) {
        paths.insert(path)
        if kind != .directory { files += 1 } else if !isReplaced { sameDirectories.insert(path) }
    }
}
