/// What the layers labels tell of one module (H-4).
package struct ModuleLayer: Hashable, Sendable {
    package var api: String
    package var layerDiffID: String
    package var homepage: String?
    package var name: String?
    package var stacks: [Stack]
    package var targets: [Target]
    package var order: [OrderGroup]

    package init(api: String, layerDiffID: String) {
        self.api = api
        self.layerDiffID = layerDiffID
        stacks = []
        targets = []
        order = []
    }
}

/// The label `io.buildpacks.buildpack.layers` or `io.buildpacks.extension.layers`: id, then version, then layer. Several modules may share
/// one layer (H-9).
package struct BuildpackLayers: Hashable, Sendable {
    package var modules: [String: [String: ModuleLayer]]

    package init(_ modules: [String: [String: ModuleLayer]] = [:]) {
        self.modules = modules
    }

    package subscript(_ reference: BuildpackReference) -> ModuleLayer? {
        get { modules[reference.id.raw]?[reference.version.text] }
        set { modules[reference.id.raw, default: [:]][reference.version.text] = newValue }
    }

    /// The only version there is of an id; nil when there are none or several.
    package func onlyVersion(of id: BuildpackID) -> String? {
        guard let versions = modules[id.raw], versions.count == 1 else { return nil }
        return versions.keys.first
    }
}

extension BuildpackLayers: JSONDocument {
    package init(json: JSONValue) throws {
        guard case .object(let ids) = json else {
            self.init()
            return
        }
        self.init(
            try ids.mapValues { versions in
                var fields = try JSONFields(.object(["versions": versions]))
                return try fields.object("versions").mapValues(ModuleLayer.init(json:))
            })
    }

    package var json: JSONValue { .object(modules.mapValues { .object($0.mapValues(\.json)) }) }
}

extension ModuleLayer: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(api: try fields.string("api") ?? "", layerDiffID: try fields.string("layerDiffID") ?? "")
        homepage = try fields.string("homepage")
        name = try fields.string("name")
        stacks = try fields.array("stacks").map(Stack.init(json:))
        targets = try fields.array("targets").map(Target.init(json:))
        order = try fields.array("order").map(OrderGroup.init(json:))
    }

    package var json: JSONValue {
        var fields: [String: JSONValue] = ["api": .string(api), "layerDiffID": .string(layerDiffID)]
        fields["homepage"] = homepage.map(JSONValue.string)
        fields["name"] = name.map(JSONValue.string)
        if !stacks.isEmpty { fields["stacks"] = .array(stacks.map(\.json)) }
        if !targets.isEmpty { fields["targets"] = .array(targets.map(\.json)) }
        if !order.isEmpty { fields["order"] = .array(order.map(\.json)) }
        return .object(fields)
    }
}

extension Stack: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(id: try fields.string("id") ?? "", mixins: try fields.strings("mixins"))
    }

    package var json: JSONValue {
        .object(["id": .string(id)].merging(mixins.isEmpty ? [:] : ["mixins": .array(mixins.map(JSONValue.string))]) { $1 })
    }
}

extension Target: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            os: try fields.string("os") ?? "", arch: try fields.string("arch") ?? "", variant: try fields.string("variant") ?? "",
            distros: try fields.array("distros").map { item in
                var distro = try JSONFields(item)
                return Distro(name: try distro.string("name") ?? "", version: try distro.string("version") ?? "")
            })
    }

    package var json: JSONValue {
        var fields: [String: JSONValue] = ["os": .string(os), "arch": .string(arch)]
        if !variant.isEmpty { fields["variant"] = .string(variant) }
        if !distros.isEmpty {
            fields["distros"] = .array(
                distros.map { distro in
                    var names: [String: JSONValue] = ["name": .string(distro.name)]
                    if !distro.version.isEmpty { names["version"] = .string(distro.version) }
                    return .object(names)
                })
        }
        return .object(fields)
    }
}
