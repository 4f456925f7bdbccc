import Diagnostics
package import TOML

/// An entry of the deprecated bill of materials (`[[bom]]`, C-74).
package struct LegacyBOMEntry: Equatable, Sendable {
    package var name: String
    package var metadata: TOMLTable
    package var buildpack: BuildpackReference

    package init(name: String, metadata: TOMLTable = TOMLTable(), buildpack: BuildpackReference) {
        self.name = name
        self.metadata = metadata
        self.buildpack = buildpack
    }

    /// Reads `[[bom]]`. The old `version` key beside `name` is refused (C-58).
    static func read(_ reader: TOMLReader, of buildpack: BuildpackReference) throws -> [LegacyBOMEntry] {
        try (reader.tables("bom") ?? []).map { entry in
            let name = try entry.requiredString("name")
            if entry.has("version") {
                throw entry.error(
                    at: "version", "bom entry '\(name)' has a top level version which is not allowed: put it into its metadata")
            }
            return LegacyBOMEntry(name: name, metadata: try entry.freeForm("metadata"), buildpack: buildpack)
        }
    }

    package var toml: TOMLTable {
        var table = TOMLTable([("name", .string(name))])
        if !metadata.isEmpty { table["metadata"] = .table(metadata) }
        table["buildpack"] = .table(
            TOMLTable([("id", .string(buildpack.id.raw)), ("version", .string(buildpack.version.text))]))
        return table
    }

    package var json: JSONValue {
        .object([
            "name": .string(name), "metadata": metadata.isEmpty ? .null : JSONValue(metadata),
            "buildpack": .object(["id": .string(buildpack.id.raw), "version": .string(buildpack.version.text)]),
        ])
    }

    /// The text of `sbom.legacy.json`, written even without entries (C-74): then it is `null`.
    package static func fileText(_ entries: [LegacyBOMEntry]) throws -> String {
        try (entries.isEmpty ? JSONValue.null : .array(entries.map(\.json))).text() + "\n"
    }
}
