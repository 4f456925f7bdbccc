/// One image in `manifest.json` of a Docker archive.
package struct DockerArchiveEntry: Equatable, Sendable {
    /// Path of the config in the archive.
    package var config: String
    /// `app:latest`; short ones mean other images to Podman than to Docker.
    package var names: [String]
    /// Paths of the layers, base layer first.
    package var layers: [String]

    package init(config: String, names: [String], layers: [String]) {
        self.config = config
        self.names = names
        self.layers = layers
    }

    package static func decode(_ bytes: [UInt8], limit: Int = Manifest.sizeLimit, what: String) throws -> [DockerArchiveEntry] {
        try CanonicalJSON.decode([DockerArchiveEntry].self, from: bytes, limit: limit, what: what)
    }

    /// `manifest.json` with this image alone.
    package func document() throws -> [UInt8] { try CanonicalJSON.encode([self]) }
}

extension DockerArchiveEntry: Codable {
    private enum CodingKeys: String, CodingKey {
        case config = "Config"
        case names = "RepoTags"
        case layers = "Layers"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        config = try container.decode(String.self, forKey: .config)
        names = try container.decodeIfPresent([String].self, forKey: .names) ?? []
        layers = try container.decode([String].self, forKey: .layers)
    }
}
