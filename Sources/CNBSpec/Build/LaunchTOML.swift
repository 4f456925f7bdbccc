package import Diagnostics
import TOML

/// An image label that a buildpack sets.
package struct LaunchLabel: Hashable, Sendable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// launch.toml: what one buildpack adds to the app image (C.5).
package struct LaunchTOML: Equatable, Sendable {
    package var processes: [ProcessDefinition]
    package var labels: [LaunchLabel]
    /// Path patterns of each slice, relative to the app's folder.
    package var slices: [[String]]
    package var bom: [LegacyBOMEntry]
    /// Things to tell the user.
    package var warnings: [String]

    package init(
        processes: [ProcessDefinition] = [], labels: [LaunchLabel] = [], slices: [[String]] = [], bom: [LegacyBOMEntry] = [],
        warnings: [String] = []
    ) {
        self.processes = processes
        self.labels = labels
        self.slices = slices
        self.bom = bom
        self.warnings = warnings
    }

    /// Errors have status 52.
    package init(reading source: DocumentSource, buildpack: GroupElement) throws(Fault) {
        self = try source.read(status: .build) { reader in
            let tables = try reader.tables("processes") ?? []
            var launch = LaunchTOML(
                processes: try tables.map { try ProcessDefinition.read($0, buildpack: buildpack) },
                labels: try (reader.tables("labels") ?? []).map {
                    LaunchLabel(key: try $0.string("key") ?? "", value: try $0.string("value") ?? "")
                },
                slices: try (reader.tables("slices") ?? []).map { try $0.strings("paths") ?? [] },
                bom: try LegacyBOMEntry.read(reader, of: buildpack.reference))
            let defaults = zip(launch.processes, tables).filter { $0.0.isDefault }
            if defaults.count > 1 {
                // C-52
                let types = defaults.map { "'\($0.0.type)'" }.joined(separator: ", ")
                throw defaults[1].1.error(at: "default", "multiple default process types aren't allowed: \(types)")
            }
            launch.ignoreWorkingDirectories(before: buildpack.api)
            return launch
        }
    }

    /// B.3: Buildpack API 0.7 has no working directories.
    private mutating func ignoreWorkingDirectories(before api: APIVersion) {
        guard api < APIVersion(0, 8) else { return }
        for index in processes.indices where !processes[index].workingDirectory.isEmpty {
            warnings.append(
                "process working directory isn't supported in this buildpack api version: ignoring it for process '\(processes[index].type)'"
            )
            processes[index].workingDirectory = ""
        }
    }
}
