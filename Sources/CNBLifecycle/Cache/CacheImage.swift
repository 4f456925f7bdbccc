package import Archive
import CNBSpec
package import Diagnostics
import Glibc
package import OCIImage

/// A cache image that somebody wrote, perhaps another tool, perhaps an enemy: what it says of itself, and its layers, none of them looked at.
package struct CacheImage: Sendable {
    /// One layer that the metadata names.
    package struct Layer: Sendable {
        /// `<buildpack id>:<layer>`, or the SBOMs.
        package var name: String
        package var layer: ImageLayer
        /// Everything in it must be there: `/layers/<escaped id>/<layer>`.
        package var path: String
    }

    package static let sbomName = "SBOMs"

    package let image: Image
    /// Execution environment and buildpacks, and no blobs; metadata only of layers that the image has.
    package private(set) var record = CacheRecord()
    package private(set) var layers: [Layer] = []
    /// Names of layers that the metadata has and the image has not.
    package private(set) var missing: [String] = []

    /// Throws when the image is none of a cache.
    package init(_ image: Image, directories: BuildDirectories = BuildDirectories()) throws(Fault) {
        self.image = image
        let labels = image.config.settings.labels
        guard let text = labels[LabelName.cacheMetadata] else {
            throw Fault("it has no label '\(LabelName.cacheMetadata)': it is no build cache")
        }
        record.metadata = try CacheMetadata(label: LabelName.cacheMetadata, text: text)
        record.execEnv = labels[LabelName.execEnv]
        record.copying = labels[CacheRecord.copyingLabel]?.split(separator: ",").compactMap { try? BuildpackID(String($0)).raw }
        let found = Dictionary(image.layers.map { ($0.diffID.description, $0) }, uniquingKeysWith: { first, _ in first })
        func layer(_ name: String, _ sha: String, _ path: String) -> Layer? {
            found[sha].map { Layer(name: name, layer: $0, path: path) }
        }
        for (index, buildpack) in record.metadata.buildpacks.enumerated() {
            for (name, known) in buildpack.layers.sorted(by: { $0.key < $1.key }) {
                let shown = "\(buildpack.key):\(name)"
                if let id = try? BuildpackID(buildpack.key), RawPath(name).isOneName,
                    let layer = layer(shown, known.sha, "\(directories.layers)/\(id.escaped)/\(name)")
                {
                    layers.append(layer)
                } else {
                    record.metadata.buildpacks[index].layers[name] = nil
                    missing.append(RawPath(shown).string)
                }
            }
        }
        let sbom = record.metadata.sbom.sha
        if !sbom.isEmpty {
            if let layer = layer(Self.sbomName, sbom, directories.layers + "/sbom/cache") {
                layers.append(layer)
            } else {
                record.metadata.sbom = LayerDigest("")
                missing.append(Self.sbomName)
            }
        }
    }

    /// The record with the layers that turned out to be right, by their names, and no others.
    package func record(with right: [String: LayerFacts]) -> CacheRecord {
        var record = record
        for (index, buildpack) in record.metadata.buildpacks.enumerated() {
            record.metadata.buildpacks[index].layers = buildpack.layers.filter { right["\(buildpack.key):\($0.key)"] != nil }
        }
        if right[Self.sbomName] == nil { record.metadata.sbom = LayerDigest("") }
        for facts in right.values { record.blobs[facts.diffID.description] = facts }
        return record
    }
}

extension CacheImage.Layer {
    /// What the blob in the image would be. Nobody can say how it was made (D-95).
    package func facts() throws -> LayerFacts {
        guard let compression = layer.descriptor.mediaType.compression else {
            throw Fault("its type '\(layer.descriptor.mediaType)' is not that of a layer")
        }
        return LayerFacts(
            diffID: layer.diffID, digest: layer.descriptor.digest, size: layer.descriptor.size, encoding: nil, compression: compression)
    }

    /// Reads a blob and throws unless it is this layer, compressed like that (D-61), with nothing in it from anywhere else.
    package func verify(blob path: String, compression: LayerCompression, limit: UnpackingLimit) throws {
        let file = try ConfinedDirectory("/").open(path).descriptor
        defer { close(file) }
        let place = RawPath(self.path).components
        var limit = limit
        let reader = try LayerReader(descriptor: file)
        guard reader.compression == compression else {
            throw Fault("its compression is said to be \(compression), and is \(reader.compression)")
        }
        while let header = try reader.next() {
            try limit.add(reader.headerSize + header.size, of: "the layer")
            let components = header.path.components
            guard !components.contains(".."), zip(components, place).allSatisfy(==),
                components.count >= place.count || header.kind == .directory
            else { throw Fault("it holds '\(header.path)', which is not below '\(self.path)'") }
        }
        let found = try reader.finish(atMost: 1 << 20)
        guard found == layer.diffID else { throw Fault("its content is \(found), not \(layer.diffID)") }
    }
}
