package import CNBSpec
package import Diagnostics
package import OCIImage

/// A builder image as a value: what its labels and its config say (H-27, H-31).
package struct BuilderImage: Sendable {
    package let image: Image
    /// What messages call it.
    package let name: String
    package let metadata: BuilderMetadata
    package let buildpackLayers: BuildpackLayers
    package let extensionLayers: BuildpackLayers
    /// As its author wrote it; /cnb/order.toml has the versions (H-28).
    package let order: Order
    package let system: SystemBuildpacks
    package let identity: BuildIdentity
    /// Empty when there is none.
    package let stackID: String

    package init(_ image: Image, name: String) throws(Fault) {
        let labels = image.config.settings.labels
        guard let text = labels[LabelName.builderMetadata] else {
            throw Fault(
                "'\(name)' is not a builder: it has no label '\(LabelName.builderMetadata)'", hint: "make one with 'tote builder create'")
        }
        func wrap<Value>(_ body: () throws -> Value) throws(Fault) -> Value {
            do { return try body() } catch { throw Fault("the builder '\(name)' is damaged", cause: error) }
        }
        metadata = try wrap { try BuilderMetadata(label: LabelName.builderMetadata, text: text) }
        try metadata.requireUsable(builder: name)
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
        identity = try BuildIdentity(image, name: name)
        stackID = labels[LabelName.stackID] ?? ""
        self.image = image
        self.name = name
    }

    /// A build image that is no builder: nothing is on it, and apps run on `runImage`.
    package init(buildImage image: Image, name: String, runImage: RunImage) throws(Fault) {
        var metadata = BuilderMetadata()
        metadata.runImages = [runImage]
        metadata.stackRunImage = runImage
        metadata.apis = .ours
        self.metadata = metadata
        buildpackLayers = BuildpackLayers()
        extensionLayers = BuildpackLayers()
        order = Order()
        system = SystemBuildpacks()
        identity = try BuildIdentity(image, name: name)
        stackID = image.config.settings.labels[LabelName.stackID] ?? ""
        self.image = image
        self.name = name
    }

    /// The run image for apps, with its mirrors.
    package var runImage: RunImage {
        // `requireUsable` has made sure that there is one.
        metadata.defaultRunImage ?? RunImage(image: "")
    }

    /// The Platform API to build by: the highest that both know (H-32).
    package func platformAPI(ours: [APIVersion] = SupportedAPIs.platform) throws(Fault) -> APIVersion {
        let known = metadata.apis.platform.versions
        if let api = SupportedAPIs.highestPlatformAPI(builder: known, ours: ours) { return api }
        throw Fault(
            "Builder '\(name)' is incompatible with this version of tote: it supports Platform API \(known.map(\.description).joined(separator: ", "))",
            hint: "tote supports \(ours.map(\.description).joined(separator: ", ")): use a newer builder")
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
