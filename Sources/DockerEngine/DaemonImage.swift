package import Archive
package import OCIImage

/// What a daemon tells about one of its images.
package struct DaemonImage: Equatable, Sendable {
    /// The config's digest, or on containerd's image store that of a manifest or an index.
    package var id: Digest
    /// As the daemon writes them: `app:latest`, Podman's with the host.
    package var names: [String]
    /// With digests of manifests, for images that came from a registry.
    package var digests: [String]
    package var diffIDs: [DiffID]
    /// Bytes, unpacked.
    package var size: Int64
    /// Put together from what the daemon tells, without its history: good to look at, but other bytes than the image's own config.
    package var config: ImageConfig
}

/// One line of the daemon's list.
package struct ListedImage: Equatable, Sendable {
    package var id: Digest
    package var names: [String]
    /// Seconds since 1970.
    package var created: Int64
    package var size: Int64
}

extension DaemonImage: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "RepoTags"
        case digests = "RepoDigests"
        case created = "Created"
        case author = "Author"
        case architecture = "Architecture"
        case variant = "Variant"
        case os = "Os"
        case osVersion = "OsVersion"
        case size = "Size"
        case settings = "Config"
        case rootFS = "RootFS"
    }

    private struct RootFS: Decodable {
        var layers: [DiffID]?
        enum CodingKeys: String, CodingKey { case layers = "Layers" }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) throws -> String? {
            let text = try container.decodeIfPresent(String.self, forKey: key)
            return text?.isEmpty == true ? nil : text
        }
        id = try container.decode(Digest.self, forKey: .id)
        names = try container.decodeIfPresent([String].self, forKey: .names) ?? []
        digests = try container.decodeIfPresent([String].self, forKey: .digests) ?? []
        diffIDs = try container.decodeIfPresent(RootFS.self, forKey: .rootFS)?.layers ?? []
        size = try container.decodeIfPresent(Int64.self, forKey: .size) ?? 0
        var config = ImageConfig(
            platform: Platform(os: try text(.os) ?? "", architecture: try text(.architecture) ?? "", variant: try text(.variant)))
        config.osVersion = try text(.osVersion)
        config.created = try text(.created)
        config.author = try text(.author)
        config.settings = try container.decodeIfPresent(ContainerSettings.self, forKey: .settings) ?? ContainerSettings()
        // The settings of a container, which docker mixes in.
        config.settings.other = [:]
        config.diffIDs = diffIDs
        self.config = config
    }
}

extension ListedImage: Decodable {
    private enum CodingKeys: String, CodingKey {
        case id = "Id"
        case names = "RepoTags"
        case created = "Created"
        case size = "Size"
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        id = try container.decode(Digest.self, forKey: .id)
        // Images that lost their name are listed as this.
        names = try (container.decodeIfPresent([String].self, forKey: .names) ?? []).filter { $0 != "<none>:<none>" }
        created = try container.decodeIfPresent(Int64.self, forKey: .created) ?? 0
        size = try container.decodeIfPresent(Int64.self, forKey: .size) ?? 0
    }
}
