package import CNBSpec
import TOML

extension ProjectInformation {
    /// What the project metadata label tells of the source, nil when the descriptor says nothing about it.
    package var sourceMetadata: ProjectMetadata? {
        guard version != nil || sourceURL != nil else { return nil }
        let declared = TOMLTable(version.map { [("declared", .string($0))] } ?? [])
        let metadata = TOMLTable(sourceURL.map { [("url", .string($0))] } ?? [])
        return ProjectMetadata(type: "project", version: declared, metadata: metadata)
    }
}
