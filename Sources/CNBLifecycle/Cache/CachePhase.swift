package import Archive
package import CNBSpec
import Diagnostics
package import OCIImage

/// Remembers the layers with `cache = true` for the next build (D.9).
package struct CachePhase: Sendable {
    package var root: ConfinedDirectory
    package var inputs: PhaseInputs
    package var group: Group
    package var owner: Ownership
    /// What the export made: the same layers are the same blobs (D-53).
    package var exported: ExportedImage
    package var store: ImageStore
    package var restorer: any LayerRestorer
    /// Of new blobs; nil for the standard one.
    package var encoding: LayerEncoding?
    package var events: PhaseEvents

    package init(
        root: ConfinedDirectory, inputs: PhaseInputs, group: Group, owner: Ownership, exported: ExportedImage, store: ImageStore,
        restorer: any LayerRestorer = CopyingRestorer(), encoding: LayerEncoding? = nil, events: @escaping PhaseEvents
    ) {
        self.root = root
        self.inputs = inputs
        self.group = group
        self.owner = owner
        self.exported = exported
        self.store = store
        self.restorer = restorer
        self.encoding = encoding
        self.events = events
    }

    /// The new record, whose blobs are in the store, and what became of layers that the image does not have. Layers that this build no longer has
    /// are not in it (D-87).
    package func run(replacing old: CacheRecord) async throws -> (record: CacheRecord, reports: [LayerReport]) {
        var record = CacheRecord()
        var reports: [LayerReport] = []
        record.execEnv = inputs.execEnv
        record.copying = old.copying
        record.copiesApp = old.copiesApp
        let layers = LayerStore(
            store: store, writer: LayerContentsWriter(root: root, owner: owner), previous: nil, restorer: restorer, cached: old.blobs,
            wanted: encoding)
        for element in group.buildpacks {
            let folder = try BuildpackFolder.read(element, layersDirectory: inputs.directories.layers, in: root)
            var records: [String: LayerRecord] = [:]
            for name in folder.names {
                guard let layer = folder.layers[name], layer.metadata.types.cache else { continue }
                let identifier = "\(element.id):\(name)"
                guard layer.hasDirectory else {
                    events(.warning(PhaseWarning("Failed to cache layer '\(identifier)' because it has no contents")))  // D-83
                    continue
                }
                let contents = LayerContents.directory(path: "\(folder.path)/\(name)")
                let known = old.metadata.buildpack(element.id)?.layers[name].flatMap { old.blobs[$0.sha] }
                let start = ContinuousClock.now
                let (facts, change) = try await self.facts(contents, exported: exported.buildpackLayers[identifier], known: known, layers)
                if let change {
                    reports.append(LayerReport(identifier, .buildpack, change, size: facts.size, duration: ContinuousClock.now - start))
                }
                events(.detail("\(facts == known ? "Reusing" : "Adding") cache layer '\(identifier)'"))
                records[name] = LayerRecord(sha: facts.diffID.description, layer.metadata)
                record.blobs[facts.diffID.description] = facts
            }
            record.metadata.buildpacks.append(BuildpackRecord(element, layers: records))
        }
        let sbom = inputs.directories.layers + "/sbom/cache"
        if try root.status(sbom)?.kind == .directory {
            let (facts, _) = try await facts(.directory(path: sbom), exported: nil, known: old.blobs[old.metadata.sbom.sha], layers)
            record.metadata.sbom = LayerDigest(facts.diffID.description)
            record.blobs[facts.diffID.description] = facts
        }
        return (record, reports)
    }

    /// The cheapest way to a blob in the store: the one that was exported, of which enough has been said, the one of the last build, a new one.
    private func facts(
        _ contents: LayerContents, exported: LayerFacts?, known: LayerFacts?, _ layers: LayerStore
    ) async throws -> (LayerFacts, LayerReport.Change?) {
        if let exported, store.contains(exported) { return (exported, nil) }
        let (facts, change) = try await layers.facts(contents, known: known)
        return (facts, exported == nil ? change : nil)
    }
}
