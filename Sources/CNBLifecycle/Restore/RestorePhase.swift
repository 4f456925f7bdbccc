import Archive
package import CNBSpec
import Diagnostics
import Glibc
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
    package var events: PhaseEvents

    package init(
        room: any BuildpackRoom, group: Group, inputs: PhaseInputs, previous: PreviousImage?, cache: CacheRecord, skipLayers: Bool,
        store: ImageStore, events: @escaping PhaseEvents
    ) {
        self.room = room
        self.group = group
        self.inputs = inputs
        self.previous = previous
        self.cache = cache
        self.skipLayers = skipLayers
        self.store = store
        self.events = events
    }

    /// Throws with status 42. A damaged cache is no error: what cannot be restored is made anew.
    package func run() async throws {
        events(.started(.restoring))
        do {
            for element in group.buildpacks { try await restore(element) }
            if !skipLayers { try await restoreSBOMs() }
        } catch let error as CancellationError {
            throw error
        } catch {
            var fault = Fault("restoring", cause: error)
            fault.exitCode = ExitStatus.restore.rawValue
            throw fault
        }
    }

    private func restore(_ element: GroupElement) async throws {
        let folder = inputs.directories.layers + "/" + element.id.escaped
        let known = previous?.metadata.buildpack(element.id)
        if let store = known?.storeTOML {
            try write("\(folder)/store.toml", store.serialized())  // D-16
        }
        guard !skipLayers else { return }
        let decisions = LayerRestoration.decide(
            app: known?.layers ?? [:], cache: cache.metadata.buildpack(element.id)?.layers ?? [:], platformAPI: inputs.platformAPI)
        // A name that the build would refuse must not come back from a label of somebody's image.
        for (name, decision) in decisions.sorted(by: { $0.key < $1.key }) where BuildpackFolder.isPrintable(name) {
            let identifier = "\(element.id):\(name)", layer = "\(folder)/\(name)"
            switch decision {
            case .metadata(let record, _):
                try write("\(layer).toml", LayerMetadata.restoredText(metadata: record.metadata))
            case .metadataAndData(let record, _):
                guard try await restoreData(record.sha, at: layer, identifier) else { continue }
                try write("\(layer).toml", LayerMetadata.restoredText(metadata: record.metadata))
            case .removed, .nothing: break
            }
            decision.logLines(identifier).forEach { events(.note($0)) }
        }
    }

    /// D-22: a blob that is missing or damaged is a warning, and the buildpack makes the layer again.
    private func restoreData(_ sha: String, at layer: String, _ identifier: String) async throws -> Bool {
        guard let facts = cache.blobs[sha], store.contains(facts.digest) else {
            events(.warning(PhaseWarning("the cached layer '\(identifier)' is missing; it will be made again")))
            return false
        }
        let room = room, blob = store.path(of: facts.digest)
        do {
            let found = try await blocking { _ in try Self.unpackLayer(blob, at: layer, in: room) }
            guard found.description == sha else { throw Fault("its digest is \(found), not \(sha)") }
            return true
        } catch let error as CancellationError {
            throw error
        } catch {
            try room.root.removeTree(layer)
            warnOfDamage("layer '\(identifier)'", error)
            return false
        }
    }

    /// Nothing outside of the layer's own folder is touched, whatever the blob holds. Everything belongs to the user of this build, who
    /// need not be the one of the last.
    private static func unpackLayer(_ blob: String, at layer: String, in room: any BuildpackRoom) throws -> DiffID {
        let file = open(blob, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw Fault(system: "opening '\(blob)'") }
        defer { close(file) }
        try room.root.makeDirectories(layer, mode: 0o755, owner: room.owner)
        let options = Unpacking(
            ownership: room.owner.map { .override($0) } ?? .current, whiteouts: .refuse, strippedPrefix: RawPath(layer))
        return try unpack(LayerReader(descriptor: file), into: room.root.directory(layer), options)
    }

    private func warnOfDamage(_ what: String, _ error: any Error) {
        let reason = (error as? any Diagnosable)?.message ?? "\(error)"
        events(.warning(PhaseWarning("the cached \(what) is damaged; it will be made again: \(reason)")))
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
