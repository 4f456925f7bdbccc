import TOML

// The same metadata in analyzed.toml, where some fields have other names (D-7).
extension LifecycleMetadata {
    init(toml: TOMLTable) throws {
        var root = toml.jsonFields
        root.rename("run-image", to: "runImage") { $0.rename("top-layer", to: "topLayer") }
        root.update("stack") { $0.rename("run-image", to: "runImage") }
        root.updateBuildpacks { $0.rename("metadata", to: "data") }
        try self.init(json: .object(root))
    }

    var toml: TOMLTable {
        guard case .object(var root) = json else { return TOMLTable() }
        root.rename("runImage", to: "run-image") { $0.rename("topLayer", to: "top-layer") }
        root.update("stack") { $0.rename("runImage", to: "run-image") }
        root.updateBuildpacks { $0.rename("data", to: "metadata") }
        return TOMLTable(root)
    }
}

extension [String: JSONValue] {
    fileprivate mutating func update(_ key: String, _ change: (inout Self) -> Void) {
        guard case .object(var fields)? = self[key] else { return }
        change(&fields)
        self[key] = .object(fields)
    }

    fileprivate mutating func rename(_ old: String, to new: String, _ change: (inout Self) -> Void = { _ in }) {
        guard let value = removeValue(forKey: old) else { return }
        self[new] = value
        update(new, change)
    }

    /// Changes every layer of every buildpack.
    fileprivate mutating func updateBuildpacks(_ change: (inout Self) -> Void) {
        guard case .array(let buildpacks)? = self["buildpacks"] else { return }
        self["buildpacks"] = .array(
            buildpacks.map { buildpack in
                guard case .object(var fields) = buildpack else { return buildpack }
                fields.update("layers") { layers in
                    for name in layers.keys { layers.update(name, change) }
                }
                return .object(fields)
            })
    }
}
