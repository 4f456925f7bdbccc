/// What all buildpacks of a build said about launching the app: the value behind metadata.toml and the build metadata label.
package struct BuildMetadata: Equatable, Sendable {
    package var buildpacks: [GroupElement]
    package var extensions: [GroupElement]
    package var labels: [LaunchLabel]
    /// Sorted by type once the build is finished (C-60).
    package var processes: [ProcessDefinition]
    package var slices: [[String]]
    package var defaultProcessType: String?
    /// Deprecated bill of materials of launch.toml and build.toml files.
    package var launchBOM: [LegacyBOMEntry]
    package var buildBOM: [LegacyBOMEntry]

    package init(group: Group = Group()) {
        buildpacks = group.buildpacks
        extensions = group.extensions
        labels = []
        processes = []
        slices = []
        launchBOM = []
        buildBOM = []
    }

    /// Adds what the next buildpack of the group said. Gives back warnings.
    package mutating func add(_ launch: LaunchTOML, build: BuildTOML = BuildTOML()) -> [String] {
        labels += launch.labels
        slices += launch.slices
        launchBOM += launch.bom
        buildBOM += build.bom
        var warnings = launch.warnings
        for process in launch.processes {
            if process.isDefault {
                defaultProcessType = process.type
            } else if process.type == defaultProcessType {
                // C-53
                warnings.append("redefining the following default process type with a process not marked as default: \(process.type)")
                defaultProcessType = nil
            }
            var stored = process
            stored.isDefault = false
            // A later definition replaces an earlier one, whoever made it.
            processes.removeAll { $0.type == process.type }
            processes.append(stored)
        }
        processes.sort { Array($0.type.utf8).lexicographicallyPrecedes(Array($1.type.utf8)) }
        return warnings
    }

    /// The labels for the image: the last value of a key wins (C-56).
    package var imageLabels: [String: String] {
        Dictionary(labels.map { ($0.key, $0.value) }, uniquingKeysWith: { _, later in later })
    }
}
