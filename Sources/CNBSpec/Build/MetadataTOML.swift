package import Diagnostics
import TOML

// config/metadata.toml (C-6). Its bytes are part of the app image, so they follow the reference's encoder to the letter.
extension BuildMetadata {
    /// The text of metadata.toml.
    package func metadataTOML(platformAPI: APIVersion) -> String {
        var document = TOMLTable()
        if let defaultProcessType { document["buildpack-default-process-type"] = .string(defaultProcessType) }
        func add(_ key: String, _ tables: [TOMLTable]) {
            guard !tables.isEmpty else { return }
            document[key] = .array(tables.map(TOMLValue.table))
        }
        if platformAPI < APIVersion(0, 9) { add("bom", launchBOM.map(\.toml)) }
        add("buildpacks", buildpacks.map(\.toml))
        add("extensions", extensions.map(\.toml))
        add("labels", labels.map { TOMLTable([("key", .string($0.key)), ("value", .string($0.value))]) })
        document["processes"] = .array(processes.map { .table($0.metadataTable(platformAPI: platformAPI)) })
        add("slices", slices.map { TOMLTable([("paths", .array($0.map(TOMLValue.string)))]) })
        // The reference writes commands by way of its JSON encoder.
        return document.serialized(jsonPaths: ["processes.command"])
    }

    /// Reads metadata.toml back, with a command as array or as string (C-61).
    package init(readingMetadata source: DocumentSource, status: ExitStatus = .export) throws(Fault) {
        self = try source.read(status: status) { reader in
            func elements(_ key: String) throws -> [GroupElement] {
                try (reader.tables(key) ?? []).map { entry in
                    GroupElement(
                        id: try entry.buildpackID(), version: try entry.buildpackVersion(), api: try entry.moduleAPI(source),
                        homepage: try entry.filledString("homepage"))
                }
            }
            var result = BuildMetadata(group: Group(buildpacks: try elements("buildpacks"), extensions: try elements("extensions")))
            result.defaultProcessType = try reader.filledString("buildpack-default-process-type")
            result.labels = try (reader.tables("labels") ?? []).map {
                LaunchLabel(key: try $0.string("key") ?? "", value: try $0.string("value") ?? "")
            }
            result.slices = try (reader.tables("slices") ?? []).map { try $0.strings("paths") ?? [] }
            result.processes = try (reader.tables("processes") ?? []).map(ProcessDefinition.init(metadata:))
            return result
        }
    }
}

extension ProcessDefinition {
    fileprivate func metadataTable(platformAPI: APIVersion) -> TOMLTable {
        var table = TOMLTable([("type", .string(type))])
        var arguments = args
        if platformAPI >= APIVersion(0, 10) {
            table["command"] = .array(command.map(TOMLValue.string))
        } else {
            let old = commandForOldPlatforms()
            table["command"] = .string(old.command)
            arguments = old.args
        }
        if !arguments.isEmpty { table["args"] = .array(arguments.map(TOMLValue.string)) }
        table["direct"] = .boolean(direct)
        table["buildpack-id"] = .string(buildpackID)
        if !workingDirectory.isEmpty { table["working-dir"] = .string(workingDirectory) }
        if !execEnv.isEmpty { table["exec-env"] = .array(execEnv.map(TOMLValue.string)) }
        return table
    }

    fileprivate init(metadata reader: TOMLReader) throws {
        let command: [String]
        if case .string(let program)? = try reader.value("command") {
            command = [program]
        } else {
            command = try reader.strings("command") ?? []
        }
        self.init(
            type: try reader.string("type") ?? "", command: command, args: try reader.strings("args") ?? [],
            direct: try reader.boolean("direct") ?? false, buildpackID: try reader.string("buildpack-id") ?? "",
            workingDirectory: try reader.string("working-dir") ?? "", execEnv: try reader.strings("exec-env") ?? [])
    }
}
