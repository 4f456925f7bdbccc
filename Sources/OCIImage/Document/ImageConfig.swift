package import Archive
package import Diagnostics

/// The config document of an image.
///
/// Reading takes `null` for anything; writing leaves out what is empty and orders all keys, so equal configs have equal bytes.
package struct ImageConfig: Equatable, Sendable {
    /// RFC 3339.
    package var created: String?
    package var author: String?
    package var architecture: String
    package var os: String
    package var variant: String?
    package var osVersion: String?
    package var osFeatures: [String] = []
    package var settings = ContainerSettings()
    /// Of the uncompressed layers, base layer first.
    package var diffIDs: [DiffID] = []
    package var history: [History] = []
    /// Members that this type does not name, without empty ones.
    package var other: [String: OpaqueJSON] = [:]

    package init(platform: Platform) {
        os = platform.os
        architecture = platform.architecture
        variant = platform.variant
        osVersion = platform.osVersion
    }

    /// Builder images carry their whole catalogue in labels.
    package static let sizeLimit = 16 << 20

    package init(decoding bytes: [UInt8], what: String) throws(Fault) {
        self = try CanonicalJSON.decode(ImageConfig.self, from: bytes, limit: Self.sizeLimit, what: what)
    }

    package func encoded() throws -> [UInt8] { try CanonicalJSON.encode(self) }

    package var platform: Platform {
        var platform = Platform(os: os, architecture: architecture, variant: variant)
        platform.osVersion = osVersion
        return platform
    }

    /// Whether `history` says which step made which layer.
    package var isHistoryAligned: Bool { history.count { !$0.isEmptyLayer } == diffIDs.count }

    /// Leaves exactly one entry of history per layer: steps without a layer go, and a history that then does not fit the
    /// layers gives way to blank entries (D-59).
    package mutating func alignHistory() {
        history.removeAll(where: \.isEmptyLayer)
        if history.count != diffIDs.count { history = diffIDs.map { _ in History() } }
    }
}

extension ImageConfig: Codable {
    enum CodingKeys: String, CodingKey, CaseIterable {
        case created, author, architecture, os, variant, rootfs, history
        case osVersion = "os.version"
        case osFeatures = "os.features"
        case settings = "config"
    }

    private struct RootFS: Codable {
        var type: String?
        var diffIDs: [DiffID]?
        enum CodingKeys: String, CodingKey {
            case type
            case diffIDs = "diff_ids"
        }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        created = try container.nonEmptyString(.created)
        author = try container.nonEmptyString(.author)
        architecture = try container.nonEmptyString(.architecture) ?? ""
        os = try container.nonEmptyString(.os) ?? ""
        variant = try container.nonEmptyString(.variant)
        osVersion = try container.nonEmptyString(.osVersion)
        osFeatures = try container.strings(.osFeatures)
        settings = try container.decodeIfPresent(ContainerSettings.self, forKey: .settings) ?? ContainerSettings()
        diffIDs = try container.decodeIfPresent(RootFS.self, forKey: .rootfs)?.diffIDs ?? []
        // A null entry still stands for a layer, as in Go.
        history = try (container.decodeIfPresent([History?].self, forKey: .history) ?? []).map { $0 ?? History() }
        other = try decoder.unknownMembers(besides: Set(CodingKeys.allCases.map(\.rawValue)))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encodeIfNotEmpty(created, .created)
        try container.encodeIfNotEmpty(author, .author)
        try container.encodeIfNotEmpty(architecture, .architecture)
        try container.encodeIfNotEmpty(os, .os)
        try container.encodeIfNotEmpty(variant, .variant)
        try container.encodeIfNotEmpty(osVersion, .osVersion)
        try container.encodeIfNotEmpty(osFeatures, .osFeatures)
        try container.encode(settings, forKey: .settings)
        try container.encode(RootFS(type: "layers", diffIDs: diffIDs), forKey: .rootfs)
        try container.encodeIfNotEmpty(history, .history)
        try encoder.encode(members: other)
    }
}
