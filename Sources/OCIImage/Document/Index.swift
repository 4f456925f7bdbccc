package import Diagnostics

/// A list of manifests: an image for several platforms, or the table of contents of a layout.
package struct Index: Equatable, Sendable {
    package var mediaType: MediaType
    package var manifests: [Descriptor]
    package var annotations: [String: String]

    package init(mediaType: MediaType = .ociIndex, manifests: [Descriptor] = [], annotations: [String: String] = [:]) {
        self.mediaType = mediaType
        self.manifests = manifests
        self.annotations = annotations
    }

    package init(decoding bytes: [UInt8], declared: MediaType? = nil, limit: Int = Manifest.sizeLimit, what: String) throws(Fault) {
        let wire = try CanonicalJSON.decode(Wire.self, from: bytes, limit: limit, what: what)
        let type = wire.mediaType ?? declared ?? .ociIndex
        guard wire.schemaVersion == 2, type.isIndex else { throw Fault("\(what) is not an image index") }
        guard !wire.hasImage else { throw Fault("\(what) claims to be a manifest and an index at once") }
        self.init(mediaType: type, manifests: wire.manifests, annotations: wire.annotations)
    }

    package func encoded() throws -> [UInt8] {
        try CanonicalJSON.encode(Wire(mediaType: mediaType, manifests: manifests, annotations: annotations))
    }

    /// The image for `platform`, or nil (N.7). Attestations, listed under `unknown/unknown`, are never chosen; an entry
    /// without a platform is chosen only when it is alone.
    package func manifest(for platform: Platform) -> Descriptor? {
        var best: (rank: Int, manifest: Descriptor)?
        for manifest in manifests {
            guard let rank = manifest.platform?.rank(for: platform) else { continue }
            if best.map({ rank > $0.rank }) ?? true { best = (rank, manifest) }
        }
        if let best { return best.manifest }
        let only = manifests.count == 1 ? manifests[0] : nil
        return only?.platform == nil ? only : nil
    }

    /// The platforms offered, without attestations, for messages.
    package var platforms: [Platform] { manifests.compactMap(\.platform).filter { $0.os != "unknown" } }
}

private struct Wire: Codable {
    var schemaVersion: Int?
    var mediaType: MediaType?
    var manifests: [Descriptor]
    var annotations: [String: String]
    /// Tools would not agree how to read a document that is both.
    var hasImage = false

    enum CodingKeys: String, CodingKey { case schemaVersion, mediaType, manifests, annotations, config, layers }

    init(mediaType: MediaType, manifests: [Descriptor], annotations: [String: String]) {
        schemaVersion = 2
        self.mediaType = mediaType
        self.manifests = manifests
        self.annotations = annotations
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        schemaVersion = try container.decodeIfPresent(Int.self, forKey: .schemaVersion)
        mediaType = try container.nonEmptyString(.mediaType).map { MediaType($0) }
        manifests = try container.list(.manifests)
        annotations = try container.stringMap(.annotations)
        hasImage =
            try container.decodeIfPresent(OpaqueJSON.self, forKey: .config) != nil
            || container.decodeIfPresent(OpaqueJSON.self, forKey: .layers) != nil
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(schemaVersion, forKey: .schemaVersion)
        try container.encode(mediaType, forKey: .mediaType)
        try container.encode(manifests, forKey: .manifests)
        try container.encodeIfNotEmpty(annotations, .annotations)
    }
}
