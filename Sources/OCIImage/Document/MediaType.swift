package import Archive

/// What a blob is, as its descriptor says.
package struct MediaType: RawRepresentable, Hashable, Sendable {
    package let rawValue: String
    package init(rawValue: String) { self.rawValue = rawValue }
    package init(_ rawValue: String) { self.rawValue = rawValue }

    /// The two vocabularies in which the same image can be written (D-61).
    package enum Family: String, Sendable, CaseIterable { case oci, docker }

    package static let ociManifest = MediaType("application/vnd.oci.image.manifest.v1+json")
    package static let ociIndex = MediaType("application/vnd.oci.image.index.v1+json")
    package static let ociConfig = MediaType("application/vnd.oci.image.config.v1+json")
    package static let ociLayer = MediaType("application/vnd.oci.image.layer.v1.tar")
    package static let ociLayerGzip = MediaType("application/vnd.oci.image.layer.v1.tar+gzip")
    package static let ociLayerZstd = MediaType("application/vnd.oci.image.layer.v1.tar+zstd")
    package static let dockerManifest = MediaType("application/vnd.docker.distribution.manifest.v2+json")
    package static let dockerIndex = MediaType("application/vnd.docker.distribution.manifest.list.v2+json")
    package static let dockerConfig = MediaType("application/vnd.docker.container.image.v1+json")
    package static let dockerLayer = MediaType("application/vnd.docker.image.rootfs.diff.tar")
    package static let dockerLayerGzip = MediaType("application/vnd.docker.image.rootfs.diff.tar.gzip")
    package static let dockerLayerZstd = MediaType("application/vnd.docker.image.rootfs.diff.tar.zstd")

    package var isManifest: Bool { self == .ociManifest || self == .dockerManifest }
    package var isIndex: Bool { self == .ociIndex || self == .dockerIndex }
    package var isConfig: Bool { self == .ociConfig || self == .dockerConfig }
    package var isLayer: Bool { layer != nil }
    /// How the tar inside is compressed, as the type says. Nil for types that are not layers.
    package var compression: LayerCompression? { layer?.compression }
    /// False for layers that registries need not hold ("foreign"): their blobs may be missing, and have `urls` instead.
    package var isDistributable: Bool { layer?.isForeign != true }

    /// The family of a manifest, index, config or layer type; nil for anything else.
    package var family: Family? {
        if let layer { return layer.family }
        switch self {
        case .ociManifest, .ociIndex, .ociConfig: return .oci
        case .dockerManifest, .dockerIndex, .dockerConfig: return .docker
        default: return nil
        }
    }

    package static func manifest(_ family: Family) -> MediaType { family == .oci ? .ociManifest : .dockerManifest }
    package static func config(_ family: Family) -> MediaType { family == .oci ? .ociConfig : .dockerConfig }
    package static func layer(_ family: Family, _ compression: LayerCompression) -> MediaType {
        MediaType(LayerKind(family: family, compression: compression, isForeign: false).text)
    }

    /// The same thing in the words of the other family; nil when that family has no word for it (Docker's has none for zstd
    /// that its daemon would understand).
    package func converted(to family: Family) -> MediaType? {
        guard let own = self.family, own != family else { return self.family == nil ? nil : self }
        if isManifest { return .manifest(family) }
        if isConfig { return .config(family) }
        if isIndex { return family == .oci ? .ociIndex : .dockerIndex }
        guard let layer, !(family == .docker && layer.compression == .zstd) else { return nil }
        return MediaType(LayerKind(family: family, compression: layer.compression, isForeign: layer.isForeign).text)
    }

    private var layer: LayerKind? { LayerKind.known[rawValue] }
}

/// The parts of a layer's media type.
private struct LayerKind {
    var family: MediaType.Family
    var compression: LayerCompression
    var isForeign: Bool

    /// By their text.
    static let known: [String: LayerKind] = {
        var kinds: [String: LayerKind] = [:]
        for family in MediaType.Family.allCases {
            for compression in [LayerCompression.none, .gzip, .zstd] {
                for isForeign in [false, true] {
                    let kind = LayerKind(family: family, compression: compression, isForeign: isForeign)
                    kinds[kind.text] = kind
                }
            }
        }
        return kinds
    }()

    private var suffix: String? {
        switch compression {
        case .none: nil
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }

    var text: String {
        switch family {
        case .oci:
            let base = isForeign ? "application/vnd.oci.image.layer.nondistributable.v1.tar" : "application/vnd.oci.image.layer.v1.tar"
            return base + (suffix.map { "+\($0)" } ?? "")
        case .docker:
            let base = isForeign ? "application/vnd.docker.image.rootfs.foreign.diff.tar" : "application/vnd.docker.image.rootfs.diff.tar"
            return base + (suffix.map { ".\($0)" } ?? "")
        }
    }
}

extension MediaType: Codable {
    package init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(rawValue)
    }
}

extension MediaType: CustomStringConvertible {
    package var description: String { rawValue }
}
