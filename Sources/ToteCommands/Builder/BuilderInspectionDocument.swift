import CNBPlatform
import CNBSpec
import OCIImage

/// A builder's inspection for programs, in pack's schema (L.5).
struct BuilderInspectionDocument {
    let json: JSONValue

    init(_ inspection: Inspection<BuilderInspection>, isTrusted: Bool, isDefault: Bool, showsMixins: Bool) {
        func info(_ builder: BuilderInspection?) -> JSONValue { builder.map { Self.info($0, showsMixins) } ?? .null }
        json = .object([
            "builder_name": .string(inspection.reference.familiarTagged),
            "trusted": .boolean(isTrusted),
            "default": .boolean(isDefault),
            "remote_info": info(inspection.remote),
            "local_info": info(inspection.local),
        ])
    }

    private static func info(_ builder: BuilderInspection, _ showsMixins: Bool) -> JSONValue {
        let documents = builder.documents, metadata = documents.metadata
        var stack: [String: JSONValue] = ["id": .string(documents.stackID)]
        if showsMixins, !documents.mixins.isEmpty { stack["mixins"] = .array(documents.mixins.map(JSONValue.string)) }
        let creator: JSONValue = .object(["name": .string(metadata.creatorName), "version": .string(metadata.creatorVersion)])
        let lifecycle: [String: JSONValue] = [
            "version": .string(metadata.lifecycleVersion), "buildpack_apis": metadata.apis.buildpack.json,
            "platform_apis": metadata.apis.platform.json,
        ]
        var fields: [String: JSONValue] = [
            "created_by": creator,
            "stack": .object(stack),
            "lifecycle": .object(lifecycle),
            "run_images": .array(builder.runImages.map { .object(["name": .string($0)]) }),
            "buildpacks": modules(metadata.buildpacks),
            "detection_order": order(builder.order),
        ]
        if !metadata.description.isEmpty { fields["description"] = .string(metadata.description) }
        if !metadata.extensions.isEmpty { fields["extensions"] = modules(metadata.extensions) }
        if !builder.extensionOrder.groups.isEmpty { fields["order_extensions"] = order(builder.extensionOrder) }
        return .object(fields)
    }

    private static func modules(_ modules: [BuilderModule]) -> JSONValue {
        .array(modules.map { InspectionDocument.module($0.id, $0.version, $0.homepage) })
    }

    private static func order(_ tree: DetectionOrderTree) -> JSONValue { .array(tree.groups.map(group)) }

    private static func group(_ nodes: [DetectionOrderTree.Node]) -> JSONValue { .object(["buildpacks": .array(nodes.map(entry))]) }

    private static func entry(_ node: DetectionOrderTree.Node) -> JSONValue {
        var fields: [String: JSONValue] = ["id": .string(node.element.id.raw)]
        fields["version"] = node.element.version.map { .string($0.text) }
        if node.element.optional { fields["optional"] = .boolean(true) }
        if node.isCyclic { fields["cyclic"] = .boolean(true) }
        // As pack writes it, the only group of a composite buildpack is not a level of its own.
        if node.groups.count == 1 {
            fields["buildpacks"] = .array(node.groups[0].map(entry))
        } else if !node.groups.isEmpty {
            fields["buildpacks"] = .array(node.groups.map(group))
        }
        return .object(fields)
    }
}
