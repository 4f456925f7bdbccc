package import Archive
package import Diagnostics

/// An image as a value: its two documents, and a way to get at its layers when they are needed.
package struct Image: Sendable {
    package let manifest: Manifest
    package let manifestBytes: [UInt8]
    package let config: ImageConfig
    package let configBytes: [UInt8]
    /// Of the manifest's bytes: the identity of the image.
    package let digest: Digest
    package let blobs: any BlobSource

    /// Puts an image together from documents that others wrote, which must agree with each other.
    ///
    /// `declared` is the manifest's type as its descriptor or registry gave it, `name` what messages call the image.
    package init(
        manifest manifestBytes: [UInt8], declared: MediaType? = nil, config configBytes: [UInt8], blobs: any BlobSource, name: String
    ) throws(Fault) {
        let manifest = try Manifest(decoding: manifestBytes, declared: declared, what: "the manifest of '\(name)'")
        guard Digest.of(configBytes) == manifest.config.digest, Int64(configBytes.count) == manifest.config.size else {
            throw Fault("the config of '\(name)' is not the one that its manifest names (\(manifest.config.digest))")
        }
        let config = try ImageConfig(decoding: configBytes, what: "the config of '\(name)'")
        guard config.diffIDs.count == manifest.layers.count else {
            throw Fault(
                "'\(name)' contradicts itself: \(manifest.layers.count) layers in the manifest, \(config.diffIDs.count) in the config")
        }
        if let stranger = manifest.layers.first(where: { !$0.mediaType.isLayer }) {
            throw Fault("'\(name)' has a layer of unknown type '\(stranger.mediaType)' (\(stranger.digest))")
        }
        self.manifest = manifest
        self.manifestBytes = manifestBytes
        self.config = config
        self.configBytes = configBytes
        digest = .of(manifestBytes)
        self.blobs = blobs
    }

    /// An image without layers, to append to.
    package init(config: ImageConfig, family: MediaType.Family = .oci, blobs: any BlobSource) throws {
        var config = config
        config.diffIDs = []
        config.history.removeAll { !$0.isEmptyLayer }
        try self.init(config: config, manifestType: .manifest(family), layers: [], annotations: [:], blobs: blobs)
    }

    /// Writes both documents anew.
    init(config: ImageConfig, manifestType: MediaType, layers: [Descriptor], annotations: [String: String], blobs: any BlobSource) throws {
        guard config.diffIDs.count == layers.count else {
            throw Fault("the new config has \(config.diffIDs.count) layers, the image has \(layers.count)")
        }
        self.config = config
        configBytes = try config.encoded()
        let type = MediaType.config(manifestType.family ?? .oci)
        manifest = Manifest(
            mediaType: manifestType, config: Descriptor(mediaType: type, bytes: configBytes), layers: layers, annotations: annotations)
        manifestBytes = try manifest.encoded()
        digest = .of(manifestBytes)
        self.blobs = blobs
    }

    /// The same config under another manifest.
    init(_ image: Image, manifest: Manifest, blobs: any BlobSource) throws {
        config = image.config
        configBytes = image.configBytes
        self.manifest = manifest
        manifestBytes = manifest == image.manifest ? image.manifestBytes : try manifest.encoded()
        digest = .of(manifestBytes)
        self.blobs = blobs
    }
}

/// One layer of an image: how it is transferred, and what it is once unpacked.
package struct ImageLayer: Hashable, Sendable {
    package let descriptor: Descriptor
    package let diffID: DiffID
}

extension Image {
    /// Base layer first.
    package var layers: [ImageLayer] {
        zip(manifest.layers, config.diffIDs).map { ImageLayer(descriptor: $0, diffID: $1) }
    }

    package var family: MediaType.Family { manifest.mediaType.family ?? .oci }

    /// The manifest as an index or a registry names it.
    package var descriptor: Descriptor { Descriptor(mediaType: manifest.mediaType, digest: digest, size: Int64(manifestBytes.count)) }
}
