import Archive
import OCIImage

/// Turns layer contents into layers of an image: reused where the previous image has the same, else written to the store.
struct LayerStore: Sendable {
    let store: ImageStore
    let writer: LayerContentsWriter
    let previous: PreviousImage?
    /// Of the image in the making, which must be able to name what it reuses (D-61).
    var family = MediaType.Family.oci
    /// Knows what was left as it was restored.
    var restorer: any LayerRestorer = CopyingRestorer()
    /// Layers whose blobs are in the store, by diffID.
    var cached: [String: LayerFacts] = [:]
    /// What the user wants; nil for new layers in the standard encoding, and reused ones in whatever they have.
    var wanted: LayerEncoding?

    /// Of new blobs.
    private var encoding: LayerEncoding { wanted ?? .standard }

    /// A layer ready to be part of an image.
    struct Prepared: Sendable {
        var facts: LayerFacts
        var mediaType: MediaType?
        /// Whether the previous image has it.
        var isReused: Bool
        var change: LayerReport.Change
    }

    /// - Parameter expected: diffIDs that the contents may well have, from the previous image's label; nil where it has none. With any,
    ///   the contents are hashed before they are compressed: hashing is cheap, and the usual answer is "unchanged".
    func prepare(_ contents: LayerContents, expected: [String?]) async throws -> Prepared {
        try await blocking { check in
            let state = try state(of: contents)
            if case .unchanged(let diffID) = state, let known = known(diffID, .untouched) { return known }
            // What is known to have changed need not be hashed to find that out.
            let hasLast = expected.contains { $0.flatMap { previous?.layer($0) } != nil }
            if !state.isChanged, wanted != nil || hasLast {
                let diffID = try hash(contents, check)
                let change = previous?.layer(diffID) == nil ? state.change(hasLast: hasLast) : .same
                if let known = known(diffID, change) { return known }
            }
            let facts = try write(contents, state, check)
            return reused(previous?.layer(facts.diffID), .same)
                ?? Prepared(facts: facts, mediaType: nil, isReused: false, change: state.change(hasLast: hasLast))
        }
    }

    /// The blob of contents that no image has: the one of the last build when they are the same, in whatever encoding, else a new one.
    func facts(_ contents: LayerContents, known: LayerFacts?) async throws -> (facts: LayerFacts, change: LayerReport.Change) {
        try await blocking { check in
            let state = try state(of: contents)
            if case .unchanged(let diffID) = state, let facts = cached[diffID.description], store.contains(facts) {
                return (facts, .untouched)
            }
            if !state.isChanged, known != nil || wanted != nil {
                let diffID = try hash(contents, check)
                if let known, known.diffID == diffID, store.contains(known) { return (known, .same) }
                if let facts = store.blob(of: diffID, encoding) { return (facts, state.change(hasLast: known != nil)) }
            }
            let facts = try write(contents, state, check)
            return (facts, facts == known ? .same : state.change(hasLast: known != nil))
        }
    }

    private func state(of contents: LayerContents) throws -> LayerState {
        guard case .directory(let path) = contents else { return .unknown }
        return try restorer.state(of: path)
    }

    /// The layer with that diffID, as the previous image or the store has it.
    private func known(_ diffID: DiffID, _ change: LayerReport.Change) -> Prepared? {
        if let reused = reused(previous?.layer(diffID), change) { return reused }
        var facts = cached[diffID.description].flatMap { $0.encoding == encoding && store.contains($0) ? $0 : nil }
        facts = facts ?? store.blob(of: diffID, encoding)
        return facts.map { Prepared(facts: $0, mediaType: nil, isReused: false, change: change) }
    }

    /// A layer of the previous image as it is, under the name that the new image's family has for it. Nil when it is not what the user wants, or
    /// the family has no name for it: Docker's for zstd.
    func reused(_ layer: ImageLayer?, _ change: LayerReport.Change) -> Prepared? {
        guard let layer, wanted == nil || encoding(of: layer) == wanted else { return nil }
        return adopted(layer, change)
    }

    /// The same, whatever the user wants.
    func adopted(_ layer: ImageLayer, _ change: LayerReport.Change) -> Prepared? {
        guard let mediaType = layer.descriptor.mediaType.converted(to: family) else { return nil }
        let facts = LayerFacts(
            diffID: layer.diffID, digest: layer.descriptor.digest, size: layer.descriptor.size, encoding: encoding(of: layer),
            compression: mediaType.compression ?? .gzip)
        return Prepared(facts: facts, mediaType: mediaType, isReused: true, change: change)
    }

    /// As its image says, else as the store remembers: of other blobs nobody knows.
    private func encoding(of layer: ImageLayer) -> LayerEncoding? {
        layer.descriptor.encoding ?? store.encoding(of: layer.diffID, in: layer.descriptor.digest)
    }

    func hash(_ contents: LayerContents, _ check: CancellationCheck) throws -> DiffID {
        let layer = LayerWriter(.hashOnly)
        try writer.write(contents, to: layer) { try check() }
        return try layer.finish().diffID
    }

    /// Writes the contents as a blob of the store. Of a layer that changed, what is compressed already is taken from its last blob.
    func write(_ contents: LayerContents, _ state: LayerState, _ check: CancellationCheck) throws -> LayerFacts {
        do {
            return try write(contents, state, takingMembers: true, check)
        } catch is DamagedMembers {
            return try write(contents, state, takingMembers: false, check)
        }
    }

    private func write(
        _ contents: LayerContents, _ state: LayerState, takingMembers: Bool, _ check: CancellationCheck
    ) throws -> LayerFacts {
        var known: KnownMembers?
        var earlier: EarlierTree?
        if case .changed(let diffID, let written?, let tree) = state {
            if takingMembers { known = cached[diffID.description].flatMap { store.knownMembers(of: $0.digest) } }
            earlier = EarlierTree(try ConfinedDirectory(tree), written: written)
        }
        let blob = try store.ingest()
        let layer = LayerWriter(.blob(to: blob.descriptor, encoding), known: known)
        try writer.write(contents, to: layer, earlier: earlier) { try check() }
        let facts = try layer.finish()
        try blob.commit(facts, flushed: true)
        // Both are memories, and a build can do without. Of members of small layers there is nothing to gain.
        try? store.remember(facts)
        if let members = layer.members, encoding != .none, facts.size > Self.smallBlob { try? store.remember(members, of: facts.digest) }
        return facts
    }

    private static let smallBlob: Int64 = 1 << 20
}

extension LayerState {
    /// What became of a layer that is not what it was.
    fileprivate func change(hasLast: Bool) -> LayerReport.Change {
        if case .changed(_, let written, _) = self { return .changed(files: written?.files) }
        return hasLast ? .changed(files: nil) : .new
    }
}
