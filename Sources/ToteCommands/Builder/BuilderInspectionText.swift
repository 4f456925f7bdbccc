import CNBPlatform
import CNBSpec
import OCIImage

/// A builder's inspection for people, with pack's sections (L-53).
struct BuilderInspectionText {
    let lines: [String]

    init(_ inspection: Inspection<BuilderInspection>, isTrusted: Bool, showsMixins: Bool) {
        let name = inspection.reference.familiarTagged
        lines =
            ["Inspecting builder: '\(name)'"]
            + InspectionBlocks.lines(inspection) { Self.block($0, isTrusted: isTrusted, showsMixins: showsMixins) }
    }

    private static func block(_ builder: BuilderInspection, isTrusted: Bool, showsMixins: Bool) -> [String] {
        let documents = builder.documents, metadata = documents.metadata
        var lines: [String] = []
        if !metadata.description.isEmpty { lines += ["Description: \(metadata.description)", ""] }
        lines += ["Location: \(builder.place)", ""]
        lines += ["Created By:", "  Name: \(metadata.creatorName)", "  Version: \(metadata.creatorVersion)", ""]
        lines += ["Trusted: \(isTrusted ? "Yes" : "No")", ""]
        if !documents.stackID.isEmpty {
            lines += ["Stack:", "  ID: \(documents.stackID)"]
            if showsMixins, !documents.mixins.isEmpty { lines += ["  Mixins:"] + documents.mixins.map { "    \($0)" } }
            lines.append("")
        }
        lines += ["Lifecycle:", "  Version: \(metadata.lifecycleVersion)"]
        lines += ["  Buildpack APIs:"] + apis(metadata.apis.buildpack) + ["  Platform APIs:"] + apis(metadata.apis.platform)
        lines += ["", "Run Images:"] + InspectionBlocks.list(builder.runImages)
        lines += ["", "Buildpacks:"] + modules(metadata.buildpacks)
        lines += ["", "Detection Order:"] + DetectionOrderText(builder.order).lines
        if !metadata.extensions.isEmpty { lines += ["", "Extensions:"] + modules(metadata.extensions) }
        if !builder.extensionOrder.groups.isEmpty {
            lines += ["", "Detection Order (Extensions):"] + DetectionOrderText(builder.extensionOrder).lines
        }
        return lines
    }

    private static func apis(_ support: APISupport) -> [String] {
        func text(_ versions: [String]) -> String { versions.isEmpty ? "(none)" : versions.joined(separator: ", ") }
        return ["    Deprecated: \(text(support.deprecated))", "    Supported: \(text(support.supported))"]
    }

    private static func modules(_ modules: [BuilderModule]) -> [String] {
        guard !modules.isEmpty else { return ["  (none)"] }
        let rows = modules.map { [$0.id, $0.name ?? "-", $0.version, $0.homepage ?? "-"] }
        return InspectionBlocks.table(["ID", "NAME", "VERSION", "HOMEPAGE"], rows)
    }
}
