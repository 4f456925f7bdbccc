package import Archive
import Diagnostics
import Glibc

/// Contents of cached layers, unpacked: `$TOTE_HOME/layers/<boot>/<diffID>-<user>-<group>/<place>`, where the place is the layer's path below
/// the layers directory. Shared by every build that restores the layer, and never changed.
///
/// The blob, which is checked while it is unpacked, is where the contents come from when there is no tree.
package final class UnpackedLayers: Sendable {
    private let trees: BootTrees
    /// Whose everything in the trees is; nil where only one id exists.
    let owner: Ownership?

    /// `path`: created when missing.
    package init(at path: String, owner: Ownership?) throws {
        trees = try BootTrees(at: path)
        self.owner = owner
    }

    private func name(of layer: DiffID) -> String {
        let ids = owner.map { "\($0.user)-\($0.group)" } ?? "single"
        return "\(layer.digest.hex)-\(ids)"
    }

    /// Where a layer's tree is or will be.
    package func path(of layer: DiffID) -> String { trees.path(of: name(of: layer)) }

    package func contains(_ layer: DiffID) -> Bool { trees.contains(name(of: layer)) }

    /// Unpacks what the layer holds below `prefix`, as `place`. Losing a race against another process is no error.
    package func unpack(_ layer: LayerBlob, prefix: RawPath, as place: RawPath) throws {
        try fill(layer.diffID) { folder in
            let tree = try ConfinedDirectory(folder)
            try tree.makeDirectories(place, mode: 0o755, owner: owner)
            try layer.unpack(into: tree.directory(place), .cachedLayer(below: prefix, owner: owner))
            return true
        }
    }

    /// Makes the tree by `body`, which gets an empty folder and says whether what it put there is the layer.
    @discardableResult
    func fill(_ layer: DiffID, _ body: (_ folder: String) throws -> Bool) throws -> Bool {
        let tree = try trees.unfinishedTree()
        do {
            guard try body(tree.path) else {
                try tree.discard()
                return false
            }
            guard chmod(tree.path, 0o755) == 0, owner.map({ chown(tree.path, $0.user, $0.group) == 0 }) ?? true else {
                throw Fault(system: "changing the rights of '\(tree.path)'")
            }
            try tree.publish(as: name(of: layer))
            return true
        } catch {
            // The first error is the one to tell; what cannot be removed now is swept by a later run.
            try? tree.discard()
            throw error
        }
    }

    /// Removes all trees but these. No build may be running.
    package static func remove(at path: String, except kept: Set<DiffID>) throws {
        let hexes = Set(kept.map(\.digest.hex))
        try BootTrees.remove(at: path) { hexes.contains(layer(of: $0)) }
    }

    /// What the trees of each layer take on the disk; nothing for layers that have none. Builds may run that hold the store.
    package static func sizes(at path: String, of layers: Set<DiffID>) throws -> [DiffID: Int64] {
        let wanted = Dictionary(layers.map { ($0.digest.hex, $0) }, uniquingKeysWith: { first, _ in first })
        var sizes: [DiffID: Int64] = [:]
        for (name, size) in try BootTrees.sizes(at: path, where: { wanted[layer(of: $0)] != nil }) {
            if let layer = wanted[layer(of: name)] { sizes[layer, default: 0] += size }
        }
        return sizes
    }

    /// `<diffID>-<user>-<group>` in hex.
    private static func layer(of name: String) -> String { String(name.prefix { $0 != "-" }) }
}
