/// Which launcher an image has; part of the build metadata label (D-70).
package struct LauncherSource: Hashable, Sendable {
    package var version: String
    package var repository: String
    package var commit: String

    package init(version: String, repository: String = "", commit: String = "") {
        self.version = version
        self.repository = repository
        self.commit = commit
    }
}

extension BuildMetadata {
    /// The value of the label `io.buildpacks.build.metadata` (D-70).
    package func label(launcher: LauncherSource, platformAPI: APIVersion) -> JSONValue {
        var fields: [String: JSONValue] = [
            "buildpacks": .array(buildpacks.map(\.label)),
            "processes": .array(processes.map { $0.label(platformAPI: platformAPI) }),
            "launcher": .object([
                "version": .string(launcher.version),
                "source": .object(["git": .object(["repository": .string(launcher.repository), "commit": .string(launcher.commit)])]),
            ]),
        ]
        if !extensions.isEmpty { fields["extensions"] = .array(extensions.map(\.label)) }
        if let defaultProcessType { fields["buildpack-default-process-type"] = .string(defaultProcessType) }
        if platformAPI < APIVersion(0, 9) { fields["bom"] = launchBOM.isEmpty ? .null : .array(launchBOM.map(\.json)) }
        return .object(fields)
    }
}

extension GroupElement {
    /// Without the API, as the reference writes it.
    fileprivate var label: JSONValue {
        var fields: [String: JSONValue] = ["id": .string(id.raw), "version": .string(version.text)]
        fields["homepage"] = homepage.map(JSONValue.string)
        return .object(fields)
    }
}

extension ProcessDefinition {
    fileprivate func label(platformAPI: APIVersion) -> JSONValue {
        var fields: [String: JSONValue] = ["type": .string(type), "direct": .boolean(direct), "buildpackID": .string(buildpackID)]
        var arguments = args
        if platformAPI >= APIVersion(0, 10) {
            fields["command"] = .array(command.map(JSONValue.string))
        } else {
            let old = commandForOldPlatforms()
            fields["command"] = .string(old.command)
            arguments = old.args
        }
        fields["args"] = arguments.isEmpty ? .null : .array(arguments.map(JSONValue.string))
        if !workingDirectory.isEmpty { fields["working-dir"] = .string(workingDirectory) }
        if !execEnv.isEmpty { fields["exec-env"] = .array(execEnv.map(JSONValue.string)) }
        return .object(fields)
    }
}
