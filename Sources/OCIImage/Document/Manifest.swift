import Archive
package import Diagnostics

/// What an image consists of: the descriptors of its config and its layers, base layer first.
package struct Manifest: Equatable, Sendable {
    package var mediaType: MediaType
    package var config: Descriptor
    package var layers: [Descriptor]
    package var annotations: [String: String]

    package init(mediaType: MediaType, config: Descriptor, layers: [Descriptor], annotations: [String: String] = [:]) {
        self.mediaType = mediaType
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }

    /// More bytes than this no registry accepts either.
    package static let sizeLimit = 4 << 20
    /// More layers than any image has; each costs a directory and a mount.
    static let layerLimit = 4096

    /// Reads a manifest. `declared` is the type that the descriptor or the registry gave it.
    package init(decoding bytes: [UInt8], declared: MediaType?, what: String) throws(Fault) {
        let wire = try CanonicalJSON.decode(Wire.self, from: bytes, limit: Self.sizeLimit, what: what)
        guard wire.schemaVersion == 2 else {
            let version = wire.schemaVersion.map { "\($0)" } ?? "none"
            throw Fault(
                "\(what) has schema version \(version), not 2",
                hint: wire.schemaVersion == 1 ? "the image is in a format given up in 2017: push it again with a current tool" : nil)
        }
        guard !wire.hasManifests else { throw Fault("\(what) claims to be a manifest and an index at once") }
        guard let config = wire.config else { throw Fault("\(what) names no config: it is not an image") }
        let type = wire.mediaType ?? declared ?? (config.mediaType.family == .docker ? .dockerManifest : .ociManifest)
        guard type.isManifest else { throw Fault("\(what) is of type '\(type)', not an image manifest") }
        if let declared, declared.isManifest, declared != type {
            throw Fault("\(what) says that it is of type '\(type)', but was named as '\(declared)'")
        }
        guard config.mediaType.isConfig else { throw Fault("\(what) is not an image: its config is of type '\(config.mediaType)'") }
        guard wire.layers.count <= Self.layerLimit else {
            throw Fault("\(what) has \(wire.layers.count) layers, the limit is \(Self.layerLimit)")
        }
        self.init(mediaType: type, config: config, layers: wire.layers, annotations: wire.annotations)
    }

    package func encoded() throws -> [UInt8] {
        try CanonicalJSON.encode(Wire(schemaVersion: 2, mediaType: mediaType, config: config, layers: layers, annotations: annotations))
    }

    /// Every blob that the image needs.
    package var blobs: [Descriptor] { [config] + layers }

    /// Bytes of config and layers, as transferred.
    package var totalSize: Int64 { blobs.totalSize }
}

private struct Wire: Codable {
    var schemaVersion: Int?
    var mediaType: MediaType?
    var config: Descriptor?
    var layers: [Descriptor]
    var annotations: [String: String]
    /// Tools would not agree how to read a document that is both.
    var hasManifests = false

    enum CodingKeys: String, CodingKey { case schemaVersion, mediaType, config, layers, annotations, manifests }

    init(schemaVersion: Int, mediaType: MediaType, config: Descriptor, layers: [Descriptor], annotations: [String: String]) {
        self.schemaVersion = schemaVersion
        self.mediaType = mediaType
        self.config = config
        self.layers = layers
        self.annotations = annotations
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schemaVersion = try container.decodeIfPresent(Int.self, forKey: .schemaVersion)
        mediaType = try container.nonEmptyString(.mediaType).map { MediaType($0) }
        config = try container.decodeIfPresent(Descriptor.self, forKey: .config)
        layers = try container.list(.layers)
        annotations = try container.stringMap(.annotations)
        hasManifests = try container.decodeIfPresent(OpaqueJSON.self, forKey: .manifests) != nil
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(config, forKey: .config)
        try container.encode(layers, forKey: .layers)
        try container.encodeIfNotEmpty(annotations, .annotations)
    }
}
