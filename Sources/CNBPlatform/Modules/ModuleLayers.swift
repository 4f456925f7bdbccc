import Archive
import CNBSpec
import Diagnostics
import OCIImage

/// Modules as layers of an image that is being made: one each, but those that shared one still do (H-2, H-9).
struct ModuleLayers {
    private(set) var layers: [NewLayer] = []
    /// What the layers label says.
    private(set) var records = BuildpackLayers()

    /// Writes what is not a layer yet into the store, and brings the others there. The order is that of `modules`.
    init(
        _ modules: [Module], store: ImageStore, family: MediaType.Family, history: (Module) -> History
    ) async throws {
        var known: Set<DiffID> = []
        for module in modules {
            let layer: NewLayer
            switch module.contents {
            case .folder(let folder): layer = NewLayer(try store.writeLayer(folder.write), history: history(module))
            case .layer(let existing, let image):
                let descriptor = existing.descriptor
                if !store.contains(descriptor) { try store.copy(descriptor, from: try await image.blobs.blob(descriptor)) }
                guard let type = descriptor.mediaType.converted(to: family) else {
                    throw Fault(
                        "the layer of the \(module.kind.rawValue) '\(module.reference)' has the type '\(descriptor.mediaType)', which does not go into this image"
                    )
                }
                layer = NewLayer(
                    LayerFacts(diffID: existing.diffID, digest: descriptor.digest, size: descriptor.size), history: history(module),
                    mediaType: type)
            }
            records[module.reference] = module.record(layer.facts.diffID)
            if known.insert(layer.facts.diffID).inserted { layers.append(layer) }
        }
    }
}
