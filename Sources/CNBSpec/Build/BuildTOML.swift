package import Diagnostics
import TOML

/// build.toml: what a buildpack could not provide after all (C-9).
package struct BuildTOML: Equatable, Sendable {
    package var unmet: [String]
    package var bom: [LegacyBOMEntry]

    package init(unmet: [String] = [], bom: [LegacyBOMEntry] = []) {
        self.unmet = unmet
        self.bom = bom
    }

    /// Errors have status 52.
    package init(reading source: DocumentSource, buildpack: BuildpackReference, given plan: BuildpackPlan) throws(Fault) {
        let known = Set(plan.entries.map(\.name))
        self = try source.read(status: .build) { reader in
            let unmet = try (reader.tables("unmet") ?? []).map { entry in
                let name = try entry.string("name") ?? ""
                guard !name.isEmpty else { throw entry.error("unmet.name is required") }
                guard known.contains(name) else { throw entry.error(at: "name", "unmet.name '\(name)' must match a requested dependency") }
                return name
            }
            return BuildTOML(unmet: unmet, bom: try LegacyBOMEntry.read(reader, of: buildpack))
        }
    }
}
