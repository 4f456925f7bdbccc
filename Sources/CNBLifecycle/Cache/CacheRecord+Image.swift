import Archive
import CNBSpec
import Diagnostics
package import OCIImage

// The cache as an image, in the reference's form (D-82): its layers and nothing else, and what is known of them in labels. The labels of the
// reference tell the metadata; what tote knows beyond that has labels of its own.
extension CacheRecord {
    /// A JSON object from diffIDs to how tote made their blobs.
    static let encodingsLabel = "org.tote.cache.encodings"
    /// Ids of buildpacks, with commas between them.
    static let copyingLabel = "org.tote.cache.copying"

    /// The layers as the metadata names them, each once.
    var layersInOrder: [(name: String, facts: LayerFacts)] {
        var seen: Set<String> = []
        let names = metadata.buildpacks.flatMap { buildpack in
            buildpack.layers.sorted { $0.key < $1.key }.map { (name: "\(buildpack.key):\($0.key)", sha: $0.value.sha) }
        }
        return (names + [(name: CacheImage.sbomName, sha: metadata.sbom.sha)]).compactMap { name, sha in
            seen.insert(sha).inserted ? blobs[sha].map { (name, $0) } : nil
        }
    }

    /// The same record gives the same image. All blobs must be in the store; the documents are not put there.
    package func image(in store: ImageStore, platform: Platform) throws -> Image {
        let created = Timestamp.text(secondsSince1970: layerTimestamp)
        var config = ImageConfig(platform: platform)
        config.created = created
        config.settings.labels[LabelName.cacheMetadata] = try metadata.labelText()
        config.settings.labels[LabelName.execEnv] = execEnv
        let encodings = blobs.compactMapValues { $0.encoding.map { JSONValue.string($0.description) } }
        if !encodings.isEmpty { config.settings.labels[Self.encodingsLabel] = try JSONValue.object(encodings).text() }
        if let copying, !copying.isEmpty { config.settings.labels[Self.copyingLabel] = copying.joined(separator: ",") }
        var layers = layersInOrder.map { name, facts in
            NewLayer(facts, history: History(created: created, createdBy: "Cached layer: '\(name)'"))
        }
        if layers.isEmpty {
            layers = [NewLayer(try Self.emptyLayer(in: store), history: History(created: created, createdBy: "Nothing is cached"))]
        }
        return try Image(config: config, blobs: store).appending(layers)
    }

    /// Some registries take no image without a layer.
    private static func emptyLayer(in store: ImageStore) throws -> LayerFacts {
        let blob = try store.ingest()
        let facts = try LayerWriter(.gzip(to: blob.descriptor)).finish()
        try blob.commit(facts)
        return facts
    }
}
