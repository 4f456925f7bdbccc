import CNBSpec
import Diagnostics

/// The labels of a builder (H-27).
struct BuilderLabels {
    var config: BuilderConfig
    var buildpacks: [Module]
    var extensions: [Module]
    var records: [ModuleKind: BuildpackLayers]
    /// tote's own version.
    var version: String

    func texts() throws(Fault) -> [String: String] {
        var labels = [
            LabelName.builderMetadata: try metadata().labelText(),
            LabelName.buildpackLayers: try (records[.buildpack] ?? BuildpackLayers()).labelText(),
            LabelName.extensionLayers: try (records[.extension] ?? BuildpackLayers()).labelText(),
            // As the author wrote it (H-28).
            LabelName.buildpackOrder: try JSONValue.array(config.order.groups.map(\.json)).text(),
        ]
        if !config.order.extensionGroups.isEmpty {
            labels[LabelName.extensionOrder] = try JSONValue.array(config.order.extensionGroups.map(\.json)).text()
        }
        if config.system != SystemBuildpacks() { labels[LabelName.systemBuildpacks] = try config.system.labelText() }
        return labels
    }

    /// The APIs are those of tote's own lifecycle, which does the work (V-4).
    private func metadata() -> BuilderMetadata {
        var metadata = BuilderMetadata()
        metadata.description = config.description
        metadata.buildpacks = buildpacks.map(entry)
        metadata.extensions = extensions.map(entry)
        metadata.runImages = config.runImages
        metadata.stackRunImage = config.runImages.first ?? metadata.stackRunImage
        metadata.lifecycleVersion = version
        metadata.apis = .ours
        metadata.oldestBuildpackAPI = metadata.apis.buildpack.supported.first ?? ""
        metadata.oldestPlatformAPI = metadata.apis.platform.supported.first ?? ""
        metadata.creatorName = "tote"
        metadata.creatorVersion = version
        return metadata
    }

    private func entry(_ module: Module) -> BuilderModule {
        BuilderModule(
            id: module.reference.id.raw, version: module.reference.version.text, homepage: module.info.homepage, name: module.info.name)
    }
}
