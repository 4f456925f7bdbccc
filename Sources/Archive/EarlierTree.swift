/// A tree as it was before somebody wrote to known places of it.
package struct EarlierTree: Sendable {
    /// Nobody writes to it any more.
    package let directory: ConfinedDirectory
    /// The tree at hand differs from it in these entries, and in nothing else.
    private let entries: WrittenEntries

    package init(_ directory: ConfinedDirectory, written: WrittenEntries) {
        self.directory = directory
        entries = written
    }

    package var written: Set<RawPath> { entries.paths }

    /// The place from which on the tree at `path` may be another one, in the order of a walk: everything before it is the same, and nothing
    /// came or went there. Nil when nothing differs.
    func firstChange(in tree: ConfinedDirectory, _ path: some TreePath) throws -> RawPath? {
        for place in entries.paths.sorted(by: { $0.precedesInWalk($1) }) {
            guard entries.sameDirectories.contains(place), let before = try status(place, in: directory, ""),
                let now = try status(place, in: tree, path.rawPath), before.kind == now.kind, before.mode == now.mode
            else { return place }
        }
        return nil
    }

    private func status(_ place: RawPath, in tree: ConfinedDirectory, _ top: RawPath) throws -> FileStatus? {
        try tree.status(top.appending(place), followingLinks: false)
    }
}

extension RawPath {
    /// Whether a walk comes to this path before the other one: parents come before children, and siblings are ordered by the bytes of their names.
    func precedesInWalk(_ other: RawPath) -> Bool {
        // No name has a NUL, so a slash before all other bytes puts what is below a directory before its next sibling.
        bytes.lexicographicallyPrecedes(other.bytes) { ($0 == slash ? 0 : $0) < ($1 == slash ? 0 : $1) }
    }

    /// Whether a walk to that path comes through this directory.
    func isOnTheWay(to other: RawPath) -> Bool {
        isEmpty || (other.bytes.starts(with: bytes) && other.bytes.count > bytes.count && other.bytes[bytes.count] == slash)
    }
}
