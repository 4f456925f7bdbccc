import Archive
import CNBSpec
import Diagnostics
package import OCIImage

// The cache as an image, in the reference's form (D-82): its layers and nothing else, and what is known of them in labels. The labels of the
// reference tell the metadata; what tote knows beyond that has labels of its own.
extension CacheRecord {
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

    /// The same record gives the same image. How its blobs were made is not said: a reader could not believe it, and another version of tote or its
    /// libraries makes others. All blobs must be in the store; the documents are not put there.
    package func image(in store: ImageStore, platform: Platform) throws -> Image {
        let created = Timestamp.text(secondsSince1970: layerTimestamp)
        var config = ImageConfig(platform: platform)
        config.created = created
        config.settings.labels[LabelName.cacheMetadata] = try metadata.labelText()
        config.settings.labels[LabelName.execEnv] = execEnv
        if let copying, !copying.isEmpty { config.settings.labels[Self.copyingLabel] = copying.joined(separator: ",") }
        var layers = layersInOrder.map { name, facts in
            let blob = LayerFacts(
                diffID: facts.diffID, digest: facts.digest, size: facts.size, encoding: nil, compression: facts.compression)
            return NewLayer(blob, history: History(created: created, createdBy: "Cached layer: '\(name)'"))
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
