import Archive
package import CNBSpec
import Diagnostics
package import OCIImage

/// Puts back what the last build left for this one: metadata, SBOMs and cached layers (D.2).
package struct RestorePhase: Sendable {
    package var room: any BuildpackRoom
    package var group: Group
    package var inputs: PhaseInputs
    package var previous: PreviousImage?
    package var cache: CacheRecord
    /// Only `store.toml` comes back (D-17).
    package var skipLayers: Bool
    package var store: ImageStore
    package var restorer: any LayerRestorer
    package var events: PhaseEvents

    package init(
        room: any BuildpackRoom, group: Group, inputs: PhaseInputs, previous: PreviousImage?, cache: CacheRecord, skipLayers: Bool,
        store: ImageStore, restorer: any LayerRestorer = CopyingRestorer(), events: @escaping PhaseEvents
    ) {
        self.room = room
        self.group = group
        self.inputs = inputs
        self.previous = previous
        self.cache = cache
        self.skipLayers = skipLayers
        self.store = store
        self.restorer = restorer
        self.events = events
    }

    /// Throws with status 42. A damaged cache is no error: what cannot be restored is made anew.
    package func run() async throws {
        events(.started(.restoring))
        do {
            let sboms = try await previousSBOMs()
            // The cache's SBOMs stay away with the layers: a layer that is made without one would take them into the image.
            let onlyStores = skipLayers || sboms == .lost
            let plans = group.buildpacks.map { plan($0, skipLayers: onlyStores) }
            // Before anything is written there: whoever shows layers puts them over the layers directory.
            let failures = try await restorer.restore(plans.flatMap(\.cached), in: room)
            for plan in plans { try await finish(plan, failures) }
            if !onlyStores { try await restoreSBOMs(previous: sboms) }
        } catch let error as CancellationError {
            throw error
        } catch {
            var fault = Fault("restoring", cause: error)
            fault.exitCode = ExitStatus.restore.rawValue
            throw fault
        }
    }

    /// What comes back of one buildpack.
    private struct Plan {
        struct Layer {
            var name: String
            var decision: LayerRestoration
            /// Nil for one whose contents do not come back.
            var cached: CachedLayer?
            /// Whether it was to be reused from the previous image, which lacks its contents.
            var isLost = false
        }

        var element: GroupElement
        var folder: String
        var store: StoreTOML?
        var layers: [Layer] = []

        var cached: [CachedLayer] { layers.compactMap(\.cached) }
    }

    private func plan(_ element: GroupElement, skipLayers: Bool) -> Plan {
        let known = previous?.metadata.buildpack(element.id)
        var plan = Plan(element: element, folder: inputs.directories.layers + "/" + element.id.escaped, store: known?.storeTOML)
        guard !skipLayers else { return plan }
        let decisions = LayerRestoration.decide(
            app: known?.layers ?? [:], cache: cache.metadata.buildpack(element.id)?.layers ?? [:], platformAPI: inputs.platformAPI)
        // A name that the build would refuse must not come back from a label of somebody's image.
        for (name, decision) in decisions.sorted(by: { $0.key < $1.key }) where BuildpackFolder.isPrintable(name) {
            var layer = Plan.Layer(name: name, decision: decision)
            switch decision {
            case .metadata(let record, _): layer.isLost = previous?.hasLost(record.sha) ?? false
            case .metadataAndData(let record, _):
                guard let facts = cache.blobs[record.sha], store.contains(facts), let diffID = DiffID(record.sha) else { break }
                let blob = LayerBlob(path: store.path(of: facts.digest), digest: facts.digest, diffID: diffID)
                layer.cached = CachedLayer(path: "\(plan.folder)/\(name)", blob: blob)
            case .removed, .nothing: break
            }
            plan.layers.append(layer)
        }
        return plan
    }

    /// D-22: a blob that is missing or damaged is a warning, and the buildpack makes the layer again. A damaged one is removed, or the export
    /// would take the layer for one that is there.
    private func finish(_ plan: Plan, _ failures: [String: any Error]) async throws {
        if let store = plan.store {
            try write("\(plan.folder)/store.toml", store.serialized())  // D-16
        }
        for layer in plan.layers {
            let identifier = "\(plan.element.id):\(layer.name)", path = "\(plan.folder)/\(layer.name)"
            switch layer.decision {
            case .metadata(let record, _):
                guard !layer.isLost else {
                    let what = "the layer '\(identifier)' of the previous image is missing in the image store, or cut short"
                    events(.warning(PhaseWarning("\(what); it will be made again")))
                    continue
                }
                try write("\(path).toml", LayerMetadata.restoredText(metadata: record.metadata))
            case .metadataAndData(let record, _):
                guard let cached = layer.cached else {
                    if let facts = cache.blobs[record.sha], store.contains(facts.digest) {
                        warnOfDamage("layer '\(identifier)'", Fault("its blob does not have \(facts.size) bytes"))
                    } else {
                        events(.warning(PhaseWarning("the cached layer '\(identifier)' is missing; it will be made again")))
                    }
                    continue
                }
                if let failure = failures[path] {
                    warnOfDamage("layer '\(identifier)'", failure)
                    // The blob of a layer with a device node is known to be whole.
                    if !(failure is DeviceInLayer) { try await removeIfDamaged(cached.blob.digest) }
                    continue
                }
                try write("\(path).toml", LayerMetadata.restoredText(metadata: record.metadata))
            case .removed, .nothing: break
            }
            layer.decision.logLines(identifier).forEach { events(.note($0)) }
        }
    }

    func warnOfDamage(_ what: String, _ error: any Error) {
        let state = error is DeviceInLayer ? "cannot be restored" : "is damaged"
        events(.warning(PhaseWarning("the cached \(what) \(state); it will be made again: \(error.diagnosis)")))
    }

    private func write(_ path: String, _ text: String) throws {
        try room.place(Array(text.utf8), at: path)
    }

    /// What is damaged is of no use to anybody. Nothing is lost when it cannot be removed.
    @discardableResult
    func removeIfDamaged(_ blob: Digest) async throws -> Bool {
        try await blocking { [store] _ in (try? store.removeIfDamaged(blob)) ?? false }
    }
}
