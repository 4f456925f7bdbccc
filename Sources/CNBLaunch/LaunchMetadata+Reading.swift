#if !hasFeature(Embedded)
    internal import TOML
#endif

extension LaunchMetadata {
    /// Reads metadata.toml. `command` is an array, or a string as Platform APIs below 0.10 write it (C-61).
    ///
    /// A buildpack API that is not supported is an error of its own (E-1); unknown keys are none.
    package init(toml bytes: [UInt8]) throws(LaunchError) {
        var apis: [(id: String, api: String)] = []
        processes = []
        do throws(TOMLError) {
            let document = TOMLReader(try TOMLTable.parse(bytes))
            for table in try document.tables("buildpacks") ?? [] {
                apis.append((try table.requiredString("id"), try table.string("api") ?? ""))
            }
            for table in try document.tables("processes") ?? [] { processes.append(try LaunchProcess(table)) }
        } catch {
            throw .metadata(error.description)
        }
        buildpacks = []
        for (id, text) in apis {
            guard let api = LaunchAPI(text), LaunchAPI.supportedBuildpack.contains(api) else {
                let range = LaunchAPI.supportedBuildpack
                throw .buildpackAPI(
                    "buildpack API '\(text)' of buildpack '\(id)' is not supported, only \(range.lowerBound) to \(range.upperBound)")
            }
            buildpacks.append(LaunchBuildpack(id: id, api: api))
        }
    }
}

extension LaunchProcess {
    fileprivate init(_ table: TOMLReader) throws(TOMLError) {
        var command: [String] = []
        if case .string(let text) = try table.value("command") {
            command = text.isEmpty ? [] : [text]
        } else {
            command = try table.strings("command") ?? []
        }
        let workingDirectory = try table.string("working-dir") ?? ""
        self.init(
            type: try table.requiredString("type"), command: command.map { ByteText($0) },
            arguments: (try table.strings("args") ?? []).map { ByteText($0) }, isDirect: try table.boolean("direct") ?? false,
            buildpackID: try table.string("buildpack-id") ?? "",
            workingDirectory: workingDirectory.isEmpty ? nil : ByteText(workingDirectory),
            executionEnvironments: try table.strings("exec-env") ?? [])
    }
}
