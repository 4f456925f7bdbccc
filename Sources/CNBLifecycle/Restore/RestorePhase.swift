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
            let plans = group.buildpacks.map(plan)
            // Before anything is written there: whoever shows layers puts them over the layers directory.
            let failures = try await restorer.restore(plans.flatMap(\.cached), in: room)
            for plan in plans { try await finish(plan, failures) }
            if !skipLayers { try await restoreSBOMs() }
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
        }

        var element: GroupElement
        var folder: String
        var store: StoreTOML?
        var layers: [Layer] = []

        var cached: [CachedLayer] { layers.compactMap(\.cached) }
    }

    private func plan(_ element: GroupElement) -> Plan {
        let known = previous?.metadata.buildpack(element.id)
        var plan = Plan(element: element, folder: inputs.directories.layers + "/" + element.id.escaped, store: known?.storeTOML)
        guard !skipLayers else { return plan }
        let decisions = LayerRestoration.decide(
            app: known?.layers ?? [:], cache: cache.metadata.buildpack(element.id)?.layers ?? [:], platformAPI: inputs.platformAPI)
        // A name that the build would refuse must not come back from a label of somebody's image.
        for (name, decision) in decisions.sorted(by: { $0.key < $1.key }) where BuildpackFolder.isPrintable(name) {
            var layer = Plan.Layer(name: name, decision: decision)
            if case .metadataAndData(let record, _) = decision, let facts = cache.blobs[record.sha], store.contains(facts.digest),
                let diffID = DiffID(record.sha)
            {
                layer.cached = CachedLayer(diffID: diffID, path: "\(plan.folder)/\(name)", blob: store.path(of: facts.digest))
            }
            plan.layers.append(layer)
        }
        return plan
    }

    /// D-22: a blob that is missing or damaged is a warning, and the buildpack makes the layer again.
    private func finish(_ plan: Plan, _ failures: [String: any Error]) async throws {
        if let store = plan.store {
            try write("\(plan.folder)/store.toml", store.serialized())  // D-16
        }
        for layer in plan.layers {
            let identifier = "\(plan.element.id):\(layer.name)", path = "\(plan.folder)/\(layer.name)"
            switch layer.decision {
            case .metadata(let record, _):
                try write("\(path).toml", LayerMetadata.restoredText(metadata: record.metadata))
            case .metadataAndData(let record, _):
                guard layer.cached != nil else {
                    events(.warning(PhaseWarning("the cached layer '\(identifier)' is missing; it will be made again")))
                    continue
                }
                if let failure = failures[path] {
                    warnOfDamage("layer '\(identifier)'", failure)
                    continue
                }
                try write("\(path).toml", LayerMetadata.restoredText(metadata: record.metadata))
            case .removed, .nothing: break
            }
            layer.decision.logLines(identifier).forEach { events(.note($0)) }
        }
    }

    private func warnOfDamage(_ what: String, _ error: any Error) {
        events(.warning(PhaseWarning("the cached \(what) is damaged; it will be made again: \(error.diagnosis)")))
    }

    private func write(_ path: String, _ text: String) throws {
        try room.place(Array(text.utf8), at: path)
    }

    /// D-24: the cache's first, so that the image's own win.
    private func restoreSBOMs() async throws {
        let restoration = SBOMRestoration(room: room, group: group, layersDirectory: inputs.directories.layers)
        if let facts = cache.blobs[cache.metadata.sbom.sha], store.contains(facts.digest) {
            let path = store.path(of: facts.digest)
            do {
                try await blocking { _ in try restoration.run(.cache, layer: path) }
            } catch let error as CancellationError {
                throw error
            } catch {
                warnOfDamage("SBOM layer", error)
            }
        }
        if let previous, let sha = previous.metadata.sbom?.sha, let layer = previous.layer(sha) {
            do {
                let path = try await previous.image.blobs.blob(layer.descriptor)
                try await blocking { _ in try restoration.run(.launch, layer: path) }
            } catch let error as CancellationError {
                throw error
            } catch {
                // The next build would find the same, so the way out is told.
                var fault = Fault("the SBOM layer of the previous image", cause: error)
                fault.hint = fault.hint ?? "build with --clear-cache, or name another image with --previous-image"
                throw fault
            }
        }
    }
}
