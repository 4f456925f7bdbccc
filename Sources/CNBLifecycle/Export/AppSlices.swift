package import Archive

/// Divides the files of an app among its slices and the remainder (D-50, D-51).
package struct AppSlices {
    /// The paths of each slice's layer in the order of its entries, relative to the app directory ("" is the directory itself);
    /// the remainder comes last. A slice that matches nothing is empty.
    package private(set) var layers: [[RawPath]] = []

    private let directories: Set<RawPath>
    private let children: [RawPath: [RawPath]]
    private var free: Set<RawPath>

    /// - Parameters:
    ///   - entries: everything below the app directory and the directory itself (""), parents before children.
    ///   - slices: the patterns of each declared slice, in order; a malformed pattern matches nothing.
    package init(entries: [(path: RawPath, isDirectory: Bool)], slices: [[GlobPattern]]) {
        var children: [RawPath: [RawPath]] = [:]
        for entry in entries where !entry.path.bytes.isEmpty {
            children[Self.parent(of: entry.path), default: []].append(entry.path)
        }
        self.children = children
        directories = Set(entries.lazy.filter(\.isDirectory).map(\.path))
        free = Set(entries.lazy.map(\.path))

        for patterns in slices {
            var claimed: Set<RawPath> = []
            for entry in entries where !entry.path.bytes.isEmpty && patterns.contains(where: { $0.matches(entry.path) }) {
                claim(entry.path, into: &claimed)
            }
            layers.append((claimed.union(ancestors(of: claimed))).sorted())
        }
        layers.append(free.sorted())
    }

    private mutating func claim(_ path: RawPath, into claimed: inout Set<RawPath>) {
        var pending = [path]
        while let next = pending.popLast() {
            guard free.remove(next) != nil else { continue }
            claimed.insert(next)
            pending += children[next] ?? []
        }
    }

    /// The missing parents of what a slice claimed. A parent whose every child is claimed by now counts as claimed too.
    private mutating func ancestors(of claimed: Set<RawPath>) -> Set<RawPath> {
        var added: Set<RawPath> = []
        for path in claimed {
            var parent = path
            while !parent.bytes.isEmpty {
                parent = Self.parent(of: parent)
                if claimed.contains(parent) || !added.insert(parent).inserted { break }
            }
        }
        let deepestFirst = added.sorted { ($0.components.count, $0) > ($1.components.count, $1) }
        for directory in deepestFirst {
            if (children[directory] ?? []).allSatisfy({ !free.contains($0) }) {
                free.remove(directory)
            } else {
                free.insert(directory)
            }
        }
        return added
    }

    /// "" for a name directly in the app directory.
    private static func parent(of path: RawPath) -> RawPath {
        RawPath(bytes: path.bytes.lastIndex(of: UInt8(ascii: "/")).map { Array(path.bytes[..<$0]) } ?? [])
    }
}
