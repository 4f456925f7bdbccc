package import Diagnostics
package import TOML

/// project-metadata.toml: where the app's source came from (D-71).
package struct ProjectMetadata: Equatable, Sendable {
    /// `git`, `project`, `image`; empty when unknown.
    package var type: String
    package var version: TOMLTable
    package var metadata: TOMLTable

    package init(type: String = "", version: TOMLTable = TOMLTable(), metadata: TOMLTable = TOMLTable()) {
        self.type = type
        self.version = version
        self.metadata = metadata
    }

    package init(reading source: DocumentSource) throws(Fault) {
        self = try source.read { reader in
            guard let table = try reader.table("source") else { return ProjectMetadata() }
            return ProjectMetadata(
                type: try table.string("type") ?? "", version: try table.freeForm("version"), metadata: try table.freeForm("metadata"))
        }
    }

    package func serialized() -> String {
        var table = TOMLTable()
        if !type.isEmpty { table["type"] = .string(type) }
        if !version.isEmpty { table["version"] = .table(version) }
        if !metadata.isEmpty { table["metadata"] = .table(metadata) }
        return table.isEmpty ? "" : TOMLTable([("source", .table(table))]).serialized()
    }

    /// The label io.buildpacks.project.metadata: `{}` when nothing is known.
    package var json: JSONValue {
        var fields: [String: JSONValue] = [:]
        if !type.isEmpty { fields["type"] = .string(type) }
        if !version.isEmpty { fields["version"] = JSONValue(version) }
        if !metadata.isEmpty { fields["metadata"] = JSONValue(metadata) }
        return .object(fields.isEmpty ? [:] : ["source": .object(fields)])
    }
}
