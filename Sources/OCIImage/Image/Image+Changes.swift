package import Archive
import Diagnostics

/// A layer to put on top of an image.
package struct NewLayer: Equatable, Sendable {
    package var facts: LayerFacts
    package var history: History
    /// Nil: the type that the image's family has for the layer's compression (D-61).
    package var mediaType: MediaType?

    package init(_ facts: LayerFacts, history: History, mediaType: MediaType? = nil) {
        self.facts = facts
        self.history = history
        self.mediaType = mediaType
    }

    /// A blob with the digest of its own content is a plain tar. An encoding that a media type does not tell is noted, where the family can.
    func descriptor(_ family: MediaType.Family) -> Descriptor {
        let isPlain = facts.digest == facts.diffID.digest
        let type = mediaType ?? .layer(family, isPlain ? .none : facts.compression)
        var descriptor = Descriptor(mediaType: type, digest: facts.digest, size: facts.size)
        if !isPlain, family == .oci, let encoding = facts.encoding, encoding != .standard, encoding.compression == type.compression {
            descriptor.annotations = [Descriptor.encodingAnnotation: encoding.description]
        }
        return descriptor
    }
}

// Functions from image to image. None touches a blob, and none changes the types of layers that were there.
extension Image {
    /// The layers on top, first one lowest, with their history. A history that did not fit the layers is replaced by blank
    /// entries first (D-59).
    package func appending(_ new: [NewLayer]) throws -> Image {
        var config = config
        if !config.isHistoryAligned { config.alignHistory() }
        config.diffIDs += new.map(\.facts.diffID)
        config.history += new.map(\.history)
        let layers = manifest.layers + new.map { $0.descriptor(family) }
        return try Image(config: config, manifestType: manifest.mediaType, layers: layers, annotations: manifest.annotations, blobs: blobs)
    }

    /// Another config with as many layers. An equal one leaves the image as it is, byte for byte.
    package func with(config: ImageConfig) throws -> Image {
        guard config != self.config else { return self }
        return try Image(
            config: config, manifestType: manifest.mediaType, layers: manifest.layers, annotations: manifest.annotations, blobs: blobs)
    }

    /// Annotations exist in OCI manifests only.
    package func with(annotations: [String: String]) throws -> Image {
        guard family == .oci || annotations.isEmpty else {
            throw Fault("a Docker manifest cannot hold annotations", hint: "convert the image to OCI first")
        }
        var changed = manifest
        changed.annotations = annotations
        return try Image(self, manifest: changed, blobs: blobs)
    }

    package func with(blobs: any BlobSource) throws -> Image {
        try Image(self, manifest: manifest, blobs: blobs)
    }

    /// The same config and blobs in the words of the other family (D-61). Docker's has no annotations, and no zstd.
    package func converted(to family: MediaType.Family) throws -> Image {
        func convert(_ descriptor: Descriptor) throws -> Descriptor {
            guard let type = descriptor.mediaType.converted(to: family) else {
                throw Fault(
                    "a layer of type '\(descriptor.mediaType)' cannot be part of a Docker image (\(descriptor.digest))",
                    hint: "keep the image in the OCI format")
            }
            var descriptor = descriptor
            descriptor.mediaType = type
            if family == .docker { descriptor.annotations = [:] }
            return descriptor
        }
        let converted = Manifest(
            mediaType: .manifest(family), config: try convert(manifest.config), layers: try manifest.layers.map(convert),
            annotations: family == .oci ? manifest.annotations : [:])
        return try Image(self, manifest: converted, blobs: blobs)
    }
}
