/// The label `io.buildpacks.buildpackage.metadata`: which module of a package is the main one (H-3).
package struct BuildpackageMetadata: Hashable, Sendable {
    package var id: String
    package var version: String
    package var stacks: [Stack]
    /// Name, description, keywords and the rest, as they are.
    package var unknown: [String: JSONValue]

    package init(id: String, version: String, stacks: [Stack] = []) {
        self.id = id
        self.version = version
        self.stacks = stacks
        unknown = [:]
    }
}

extension BuildpackageMetadata: JSONDocument {
    package init(json: JSONValue) throws {
        var fields = try JSONFields(json)
        self.init(
            id: try fields.string("id") ?? "", version: try fields.string("version") ?? "",
            stacks: try fields.array("stacks").map(Stack.init(json:)))
        unknown = fields.rest
    }

    package var json: JSONValue {
        var fields = unknown
        fields["id"] = .string(id)
        fields["version"] = .string(version)
        fields["stacks"] = stacks.isEmpty ? .null : .array(stacks.map(\.json))
        return .object(fields)
    }
}
