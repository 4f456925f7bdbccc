package import CNBSpec
package import Diagnostics

/// What the labels of a builder say (H-27, H-31).
package struct BuilderDocuments: Sendable {
    package let metadata: BuilderMetadata
    package let buildpackLayers: BuildpackLayers
    package let extensionLayers: BuildpackLayers
    /// As its author wrote it; /cnb/order.toml has the versions (H-28).
    package let order: Order
    package let system: SystemBuildpacks
    /// Empty when there is none.
    package let stackID: String
    /// Of the stack; empty for builders without one.
    package let mixins: [String]

    /// - Parameter name: what messages call the builder.
    package init(labels: [String: String], name: String) throws(Fault) {
        guard let text = labels[LabelName.builderMetadata] else {
            throw Fault(
                "'\(name)' is not a builder: it has no label '\(LabelName.builderMetadata)'", hint: "make one with 'tote builder create'")
        }
        func wrap<Value>(_ body: () throws -> Value) throws(Fault) -> Value {
            do { return try body() } catch { throw Fault("the builder '\(name)' is damaged", cause: error) }
        }
        metadata = try wrap { try BuilderMetadata(label: LabelName.builderMetadata, text: text) }
        func layers(_ label: String) throws(Fault) -> BuildpackLayers {
            try wrap { try BuildpackLayers(label: label, text: labels[label] ?? "{}") }
        }
        buildpackLayers = try layers(LabelName.buildpackLayers)
        extensionLayers = try layers(LabelName.extensionLayers)
        func groups(_ label: String) throws(Fault) -> [OrderGroup] {
            try wrap { try Self.groups(label, labels[label] ?? "null") }
        }
        order = Order(groups: try groups(LabelName.buildpackOrder), extensionGroups: try groups(LabelName.extensionOrder))
        system = try wrap {
            guard let text = labels[LabelName.systemBuildpacks] else { return SystemBuildpacks() }
            return try SystemBuildpacks(label: LabelName.systemBuildpacks, text: text)
        }
        stackID = labels[LabelName.stackID] ?? ""
        mixins = (labels[LabelName.stackMixins].flatMap { try? JSONValue(parsing: $0) }?.strings) ?? []
    }

    /// Of a build image without any buildpack.
    init(runImage: RunImage, stackID: String) {
        var metadata = BuilderMetadata()
        metadata.runImages = [runImage]
        metadata.stackRunImage = runImage
        metadata.apis = .ours
        self.metadata = metadata
        buildpackLayers = BuildpackLayers()
        extensionLayers = BuildpackLayers()
        order = Order()
        system = SystemBuildpacks()
        self.stackID = stackID
        mixins = []
    }

    private static func groups(_ label: String, _ text: String) throws -> [OrderGroup] {
        do {
            switch try JSONValue(parsing: text) {
            case .null: return []
            case .array(let groups): return try groups.map(OrderGroup.init(json:))
            default: throw Fault("not an array")
            }
        } catch {
            throw Fault("reading label '\(label)'", cause: error)
        }
    }
}

extension JSONValue {
    /// The texts of an array; whatever else it holds is left out.
    fileprivate var strings: [String] {
        guard case .array(let items) = self else { return [] }
        return items.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
}
