package import CNBSpec
import FoundationEssentials
import OCIImage

/// What the labels of a built image tell.
package struct AppInspection: Sendable {
    /// A buildpack that built it.
    package struct Buildpack: Equatable, Sendable, Decodable {
        package var id: String
        package var version: String
        package var homepage: String?
    }

    /// A way to start it (D-70).
    package struct Process: Equatable, Sendable, Decodable {
        package var type: String
        package var command: [String]
        package var args: [String]?
        package var direct: Bool
        package var workingDirectory: String?

        enum CodingKeys: String, CodingKey {
            case type, command, args, direct
            case workingDirectory = "working-dir"
        }
    }

    private struct BuildLabel: Decodable {
        var buildpacks: [Buildpack]?
        var processes: [Process]?
    }

    package var metadata: LifecycleMetadata
    package var stack: String
    package var rebasable: Bool
    package var buildpacks: [Buildpack]
    /// The default one first.
    package var processes: [Process]
    package var defaultProcess: String?

    /// Nil for an image that no buildpack built. Labels that cannot be read count as absent.
    init?(_ settings: ContainerSettings) {
        let labels = settings.labels
        guard let text = labels[LabelName.lifecycleMetadata],
            let metadata = try? LifecycleMetadata(label: LabelName.lifecycleMetadata, text: text)
        else { return nil }
        self.metadata = metadata
        stack = labels[LabelName.stackID] ?? ""
        rebasable = labels[LabelName.rebasable] != "false"
        let entrypoint = settings.entrypoint.first ?? "", prefix = "/cnb/process/"
        let type = entrypoint.hasPrefix(prefix) ? String(entrypoint.dropFirst(prefix.count)) : nil
        defaultProcess = type
        let label = labels[LabelName.buildMetadata].flatMap { try? JSONDecoder().decode(BuildLabel.self, from: Data($0.utf8)) }
        buildpacks = label?.buildpacks ?? metadata.buildpacks.map { Buildpack(id: $0.key, version: $0.version) }
        let all = label?.processes ?? []
        processes = all.filter { $0.type == type } + all.filter { $0.type != type }
    }
}
