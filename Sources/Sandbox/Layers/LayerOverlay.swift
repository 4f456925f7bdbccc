package import Archive
import CLinux
import Diagnostics
import Glibc

/// A restored layer in a layers directory.
package struct RestoredLayer: Equatable, Sendable {
    package var diffID: DiffID
    /// Its path below the layers directory.
    package var place: RawPath

    package init(_ diffID: DiffID, at place: RawPath) {
        self.diffID = diffID
        self.place = place
    }
}

/// What a build made of a restored layer.
package enum LayerOutcome: Equatable, Sendable {
    case unchanged
    /// The entries below it that were written to, or nil when that cannot be told: all others are as they were.
    case changed(written: WrittenEntries?)
}

/// A layers directory in which cached layers show without being copied: one overlay, each layer a read-only directory below, and one on top
/// that takes what is written.
///
/// One overlay for all of them, because a mount for each layer could not be removed by a buildpack that wants to make the layer anew.
package final class LayerOverlay: Sendable {
    /// So many layers at the most: the kernel takes no more directories in one overlay.
    package static let limit = 500

    package let mountPoint: String
    /// What was written, in overlayfs's own form.
    let upper: String
    private let folder: String
    private let restored: [RawPath: RestoredLayer]
    private let trees: UnpackedLayers

    /// `scratch`: an existing folder. The trees of the layers must be there.
    package init(_ layers: [RestoredLayer], of trees: UnpackedLayers, scratch: String, owner: Ownership?) throws {
        let overlay = OverlayMount(folder: try UniqueFolder.create(in: scratch, prefix: "layers-", mode: 0o700))
        try overlay.mount(lowers: layers.map { trees.path(of: $0.diffID) }, owner: owner)
        folder = overlay.folder
        mountPoint = overlay.mountPoint
        upper = overlay.upper
        restored = Dictionary(layers.map { ($0.place, $0) }, uniquingKeysWith: { _, last in last })
        self.trees = trees
    }

    deinit { close() }

    package func close() { clinux_unmount(mountPoint, CLINUX_MNT_DETACH) }

    /// What became of a restored layer; nil for what was not restored. Files that were written to are read, the others are not looked at.
    package func outcome(at place: RawPath) throws -> (layer: DiffID, outcome: LayerOutcome)? {
        guard let layer = restored[place] else { return nil }
        let upper = try ConfinedDirectory(upper), tree = try ConfinedDirectory(trees.path(of: layer.diffID))
        let comparison = LayerComparison(upper: upper, lower: tree)
        if try comparison.isUnchanged(place) { return (layer.diffID, .unchanged) }
        return (layer.diffID, .changed(written: try comparison.writtenEntries(place)))
    }

    /// Whether any layer of a folder of the layers directory was restored.
    package func holdsLayers(in folder: RawPath) -> Bool { restored.keys.contains { $0.components.starts(with: folder.components) } }

    /// After `close`: files that were copied up have a second name in overlayfs's index, which would be taken for one of the build's own.
    func forgetIndex() throws { try ConfinedDirectory(folder).removeTree("w") }

    func restoredLayer(at place: RawPath) -> RestoredLayer? { restored[place] }
}

extension UnpackedLayers {
    /// Takes over the contents of layers from a build that has ended; `overlay` is where they were made, or `directory` when nothing was restored.
    ///
    /// A layer that cannot be taken over is left out: it is unpacked when it is next wanted.
    package func adopt(_ layers: [RestoredLayer], from overlay: LayerOverlay?, or directory: String) throws {
        if let overlay { try overlay.forgetIndex() }
        let upper = try ConfinedDirectory(overlay?.upper ?? directory)
        for layer in layers where !contains(layer.diffID) {
            let base = try overlay?.restoredLayer(at: layer.place).map { try ConfinedDirectory(path(of: $0.diffID)) }
            try fill(layer.diffID) { folder in
                try LayerAdoption(upper: upper, owner: owner).fill(ConfinedDirectory(folder), layer.place, over: base)
            }
        }
    }
}
