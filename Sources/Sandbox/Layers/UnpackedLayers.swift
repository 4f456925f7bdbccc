package import Archive
import Diagnostics
import Glibc

/// Contents of cached layers, unpacked: `$TOTE_HOME/layers/<boot>/<diffID>-<user>-<group>/<place>`, where the place is the layer's path below
/// the layers directory. Shared by every build that restores the layer, and never changed.
///
/// A tree appears by a rename, so it is there whole or not at all. Nothing is flushed to disk, so what another boot of the machine left is
/// not trusted but removed: then the blob, which is checked while it is unpacked, is where the contents come from.
package final class UnpackedLayers: Sendable {
    private static let unfinished = "unfinished-"
    private let path: String
    private let mode: NamespaceMode
    /// Whose everything in the trees is; nil where only one id exists.
    let owner: Ownership?

    /// `path`: created when missing.
    package init(at path: String, mode: NamespaceMode, owner: Ownership?) throws {
        self.mode = mode
        self.owner = owner
        self.path = "\(path)/\(Self.boot)"
        try UniqueFolder.createAll(self.path)
        try Self.removeOtherBoots(path)
        try LockedFolder.sweep(self.path, prefix: Self.unfinished)
    }

    /// Where a layer's tree is or will be.
    package func path(of layer: DiffID) -> String {
        let ids = owner.map { "\($0.user)-\($0.group)" } ?? "single"
        return "\(path)/\(layer.digest.hex)-\(ids)"
    }

    package func contains(_ layer: DiffID) -> Bool { access(path(of: layer), F_OK) == 0 }

    /// Unpacks what the file `blob` holds below `prefix`, as `place`. Losing a race against another process is no error.
    package func unpack(_ layer: DiffID, blob: String, prefix: RawPath, as place: RawPath) throws {
        try fill(layer) { folder in
            let descriptor = open(blob, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Fault(system: "opening '\(blob)'") }
            defer { close(descriptor) }
            let tree = try ConfinedDirectory(folder)
            try tree.makeDirectories(place, mode: 0o755, owner: owner)
            let options = Unpacking(
                ownership: owner.map { .override($0) } ?? .current, whiteouts: .refuse, strippedPrefix: prefix)
            let found = try Archive.unpack(LayerReader(descriptor: descriptor), into: tree.directory(place), options)
            guard found == layer else { throw Fault("its digest is \(found), not \(layer)") }
            return true
        }
    }

    /// Makes the tree by `body`, which gets an empty folder and says whether what it put there is the layer.
    @discardableResult
    func fill(_ layer: DiffID, _ body: (_ folder: String) throws -> Bool) throws -> Bool {
        let folder = try LockedFolder(in: path, prefix: Self.unfinished)
        do {
            guard try body(folder.path) else {
                try folder.remove()
                return false
            }
            guard chmod(folder.path, 0o755) == 0, owner.map({ chown(folder.path, $0.user, $0.group) == 0 }) ?? true else {
                throw Fault(system: "changing the rights of '\(folder.path)'")
            }
            if rename(folder.path, path(of: layer)) == 0 { return true }
            guard errno == EEXIST || errno == ENOTEMPTY else { throw Fault(system: "moving an unpacked layer to '\(path(of: layer))'") }
            try folder.remove()
            return true
        } catch {
            // The first error is the one to tell; what cannot be removed now is swept by a later run.
            try? folder.remove()
            throw error
        }
    }

    /// Removes all trees but these, and those of other boots. No build may be running.
    package static func remove(at path: String, except kept: Set<DiffID>) throws {
        guard access(path, F_OK) == 0 else { return }
        try removeOtherBoots(path)
        let folder = "\(path)/\(boot)"
        guard access(folder, F_OK) == 0 else { return }
        let hexes = Set(kept.map(\.digest.hex))
        for name in try ConfinedDirectory(folder).names("").map(\.string)
        where !name.hasPrefix(unfinished) && !hexes.contains(layer(of: name)) {
            try LockedFolder.discard("\(folder)/\(name)", as: unfinished)
        }
        try LockedFolder.sweep(folder, prefix: unfinished)
    }

    /// What the trees of each layer take on the disk; nothing for layers that have none. Builds may run that hold the store.
    package static func sizes(at path: String, of layers: Set<DiffID>) throws -> [DiffID: Int64] {
        let folder = "\(path)/\(boot)"
        guard access(folder, F_OK) == 0 else { return [:] }
        let wanted = Dictionary(layers.map { ($0.digest.hex, $0) }, uniquingKeysWith: { first, _ in first })
        var sizes: [DiffID: Int64] = [:]
        for name in try ConfinedDirectory(folder).names("").map(\.string) where !name.hasPrefix(unfinished) {
            guard let layer = wanted[layer(of: name)] else { continue }
            var usage = DiskUsage()
            try usage.add(ConfinedDirectory("\(folder)/\(name)"))
            sizes[layer, default: 0] += usage.bytes
        }
        return sizes
    }

    private static func removeOtherBoots(_ path: String) throws {
        for name in try ConfinedDirectory(path).names("").map(\.string) where name != boot {
            try LockedFolder.removeTree("\(path)/\(name)")
        }
    }

    /// `<diffID>-<user>-<group>` in hex.
    private static func layer(of name: String) -> String { String(name.prefix { $0 != "-" }) }

    private static var boot: String {
        SmallFile.read("/proc/sys/kernel/random/boot_id").map { String($0.prefix { !$0.isWhitespace }) } ?? "unknown"
    }
}
