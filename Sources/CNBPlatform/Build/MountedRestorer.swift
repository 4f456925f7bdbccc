import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import OCIImage
import Sandbox
import Synchronization

/// Shows cached layers in the build's room without copying them, and knows afterwards which of them were written to.
final class MountedRestorer: LayerRestorer {
    private let trees: UnpackedLayers
    private let root: SandboxRoot
    private let layersDirectory: String
    private let scratch: String
    private let owner: Ownership?
    /// Buildpacks that cannot work with mounted layers.
    private let copying: Set<BuildpackID>
    private let events: PhaseEvents
    /// Set once by `restore`.
    private let overlay = Mutex<LayerOverlay?>(nil)

    /// - Parameters:
    ///   - root: of the room that buildpacks build in.
    ///   - scratch: the build's own folder, whose `layers` is the layers directory so far.
    init(
        trees: UnpackedLayers, root: SandboxRoot, layersDirectory: String, scratch: String, owner: Ownership?,
        copying: Set<BuildpackID>, events: @escaping PhaseEvents
    ) {
        self.trees = trees
        self.root = root
        self.layersDirectory = layersDirectory
        self.scratch = scratch
        self.owner = owner
        self.copying = copying
        self.events = events
    }

    func restore(_ layers: [CachedLayer], in room: any BuildpackRoom) async throws -> [String: any Error] {
        var failures: [String: any Error] = [:]
        var restored: [RestoredLayer] = []
        let folders = Set(copying.map(\.escaped))
        var toCopy: [CachedLayer] = [], toMount: [CachedLayer] = []
        for layer in layers {
            if folders.contains(place(of: layer.path).components.first?.string ?? "") {
                toCopy.append(layer)
            } else {
                toMount.append(layer)
            }
        }
        if toMount.count > LayerOverlay.limit {
            let rest = toMount[LayerOverlay.limit...]
            events(.note("\(rest.count) of \(layers.count) cached layers are copied: no more than \(LayerOverlay.limit) can be mounted"))
            toCopy += rest
            toMount.removeLast(rest.count)
        }
        for layer in toMount {
            let place = place(of: layer.path)
            do {
                if !trees.contains(layer.blob.diffID) {
                    try await blocking { [trees] _ in try trees.unpack(layer.blob, prefix: RawPath(layer.path), as: place) }
                }
                restored.append(RestoredLayer(layer.blob.diffID, at: place))
            } catch let error as CancellationError {
                throw error
            } catch {
                failures[layer.path] = error
            }
        }
        func copy(_ layers: [CachedLayer]) async throws -> [String: any Error] {
            failures.merging(try await CopyingRestorer().restore(layers, in: room)) { first, _ in first }
        }
        guard !restored.isEmpty else { return try await copy(toCopy) }
        // The buildpack makes the node again, which overlayfs lets nobody do: it takes that for one of its own whiteouts.
        guard !failures.values.contains(where: { $0 is DeviceInLayer }) else {
            return try await copy(layers.filter { failures[$0.path] == nil })
        }
        do {
            let mounted = try LayerOverlay(restored, of: trees, scratch: scratch, owner: owner)
            try root.bind(mounted.mountPoint, at: layersDirectory, readOnly: false)
            overlay.withLock { $0 = mounted }
        } catch {
            events(.note("Cached layers are copied, because they cannot be mounted: \(Fault("mounting", cause: error).message)"))
            return try await copy(layers.filter { failures[$0.path] == nil })
        }
        return try await copy(toCopy)
    }

    /// Whether any layer of this buildpack was mounted.
    func hasMounted(_ buildpack: BuildpackID) -> Bool {
        overlay.withLock { $0?.holdsLayers(in: RawPath(buildpack.escaped)) ?? false }
    }

    func state(of path: String) throws -> LayerState {
        guard let overlay = overlay.withLock({ $0 }), let found = try overlay.outcome(at: place(of: path)) else { return .unknown }
        return switch found.outcome {
        case .unchanged: .unchanged(found.layer)
        case .changed(let written): .changed(from: found.layer, written: written, tree: "\(trees.path(of: found.layer))/\(place(of: path))")
        }
    }

    /// Keeps the contents of layers for the next build. Everything of this build must be dead, and its room unmounted.
    ///
    /// What goes wrong here costs the next build some time and nothing else.
    func keep(_ layers: [KeptLayer]) {
        let overlay = overlay.withLock { $0 }
        overlay?.close()
        do {
            try trees.adopt(layers.map { RestoredLayer($0.diffID, at: place(of: $0.path)) }, from: overlay, or: scratch + "/layers")
        } catch {
            events(.detail("the cached layers will be unpacked by the next build: \(Fault("keeping them", cause: error).message)"))
        }
    }

    /// `/layers/acme_node/modules` is `acme_node/modules`.
    private func place(of path: String) -> RawPath { RawPath(String(path.dropFirst(layersDirectory.count + 1))) }
}

/// A layer of the cache as the build left it.
struct KeptLayer: Equatable, Sendable {
    /// `/layers/<escaped id>/<name>`
    var path: String
    var diffID: DiffID
}

extension CacheRecord {
    /// Where the layers are in the room that made them.
    func keptLayers(_ directories: BuildDirectories) -> [KeptLayer] {
        metadata.buildpacks.flatMap { buildpack in
            guard let id = try? BuildpackID(buildpack.key) else { return [KeptLayer]() }
            return buildpack.layers.compactMap { name, layer in
                DiffID(layer.sha).map { KeptLayer(path: "\(directories.layers)/\(id.escaped)/\(name)", diffID: $0) }
            }
        }
    }
}
