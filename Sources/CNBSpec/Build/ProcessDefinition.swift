package import Diagnostics
import TOML

/// A way to start the app, as a buildpack defines it and as metadata.toml and the build metadata label hold it.
package struct ProcessDefinition: Equatable, Sendable {
    package var type: String
    /// The program and arguments that always come with it. Empty when the buildpack gave none (C-53a).
    package var command: [String]
    /// Arguments that a user can replace, from Buildpack API 0.9 on.
    package var args: [String]
    /// False when bash runs the command (before Buildpack API 0.9).
    package var direct: Bool
    package var isDefault: Bool
    package var buildpackID: String
    /// Empty is the app's folder.
    package var workingDirectory: String
    /// Execution environments it is for; empty means all (C-62).
    package var execEnv: [String]

    package init(
        type: String, command: [String], args: [String] = [], direct: Bool = true, isDefault: Bool = false, buildpackID: String,
        workingDirectory: String = "", execEnv: [String] = []
    ) {
        self.type = type
        self.command = command
        self.args = args
        self.direct = direct
        self.isDefault = isDefault
        self.buildpackID = buildpackID
        self.workingDirectory = workingDirectory
        self.execEnv = execEnv
    }

    /// C-54: what the exporter refuses, because a type names a file (status 62).
    package func requireExportable() throws(Fault) {
        guard !type.isEmpty else {
            throw Fault("buildpack '\(buildpackID)' defines a process with an empty type", exitCode: ExitStatus.export.rawValue)
        }
        if let character = type.first(where: { "/><:|&\\".contains($0) }) {
            throw Fault(
                "process type '\(type)' of buildpack '\(buildpackID)' contains '\(character)', which is not allowed",
                hint: "use letters, digits, '.', '_' and '-'", exitCode: ExitStatus.export.rawValue)
        }
        guard type != ".", type != ".." else {
            throw Fault("process type '\(type)' of buildpack '\(buildpackID)' cannot name a file", exitCode: ExitStatus.export.rawValue)
        }
    }

    /// C-61: Platform APIs before 0.10 know a single command string; the rest of it goes before the arguments.
    func commandForOldPlatforms() -> (command: String, args: [String]) {
        (command.first ?? "", command.dropFirst() + args)
    }
}

extension ProcessDefinition {
    /// Reads one `[[processes]]` of launch.toml by the rules of the buildpack's API (C-50, C-51).
    static func read(_ reader: TOMLReader, buildpack: GroupElement) throws -> ProcessDefinition {
        let newContract = buildpack.api >= APIVersion(0, 9)
        if newContract, reader.has("direct") {
            throw reader.error(at: "direct", "process.direct is not supported on this buildpack version")
        }
        return ProcessDefinition(
            type: try reader.string("type") ?? "",
            command: newContract ? try reader.strings("command") ?? [] : try reader.string("command").map { [$0] } ?? [],
            args: try reader.strings("args") ?? [], direct: newContract ? true : try reader.boolean("direct") ?? false,
            isDefault: try reader.boolean("default") ?? false, buildpackID: buildpack.id.raw,
            workingDirectory: try reader.string("working-dir") ?? "", execEnv: try reader.strings("exec-env") ?? [])
    }
}
