import Archive
import CNBSpec
import Diagnostics
import OCIImage

/// Modules as layers of an image that is being made: one each, but those that shared one still do (H-2, H-9).
struct ModuleLayers {
    private(set) var layers: [NewLayer] = []
    /// What the layers label says.
    private(set) var records = BuildpackLayers()

    /// Writes what is not a layer yet into the store, and brings the others there. The order is that of `modules`, after the layers of `sharing`.
    ///
    /// - Parameter sharing: which modules go into one layer together (H-55). All of them are in `modules`.
    init(
        _ modules: [Module], sharing: [Set<BuildpackReference>] = [], store: ImageStore, family: MediaType.Family,
        history: (String) -> History
    ) async throws {
        for group in sharing {
            let members = modules.filter { group.contains($0.reference) }
            guard let first = members.first else { continue }
            let shared = try await SharedModuleLayer(members, store: store)
            let names = members.map(\.reference.description).joined(separator: ", ")
            let facts = try store.writeLayer(shared.write)
            layers.append(NewLayer(facts, history: history("\(first.kind.rawValue)s \(names)")))
            for module in members { records[module.reference] = module.record(facts.diffID) }
        }
        var known: Set<DiffID> = []
        for module in modules where !sharing.contains(where: { $0.contains(module.reference) }) {
            let history = history("\(module.kind.rawValue) \(module.reference)")
            let layer: NewLayer
            switch module.contents {
            case .folder(let folder): layer = NewLayer(try store.writeLayer { try folder.write(to: $0) }, history: history)
            case .layer(let existing, let image):
                let descriptor = existing.descriptor
                if !store.contains(descriptor) { try store.copy(descriptor, from: try await image.blobs.blob(descriptor)) }
                guard let type = descriptor.mediaType.converted(to: family) else {
                    throw Fault(
                        "the layer of the \(module.kind.rawValue) '\(module.reference)' has the type '\(descriptor.mediaType)', which does not go into this image"
                    )
                }
                layer = NewLayer(
                    LayerFacts(diffID: existing.diffID, digest: descriptor.digest, size: descriptor.size), history: history,
                    mediaType: type)
            }
            records[module.reference] = module.record(layer.facts.diffID)
            if known.insert(layer.facts.diffID).inserted { layers.append(layer) }
        }
    }

    /// Throws unless all that is to share layers is there, and nothing is in two of them.
    static func requireKnown(_ sharing: [Set<BuildpackReference>], in modules: [Module], option: String) throws(Fault) {
        var seen: Set<BuildpackReference> = []
        for reference in sharing.flatMap({ $0.sorted() }) {
            guard modules.contains(where: { $0.reference == reference }) else {
                let near = Suggestion.nearest(to: reference.description, among: modules.map(\.reference.description))
                throw Fault("\(option): there is no '\(reference)' to put into a layer", hint: near.map { "did you mean '\($0)'?" })
            }
            guard seen.insert(reference).inserted else {
                throw Fault("\(option): '\(reference)' is named twice", hint: "a module goes into one layer")
            }
        }
    }
}
