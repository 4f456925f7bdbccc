/// What the launcher needs of `<layers>/config/metadata.toml` (C-6).
package struct LaunchMetadata: Equatable, Sendable {
    package var buildpacks: [LaunchBuildpack]
    package var processes: [LaunchProcess]

    package init(buildpacks: [LaunchBuildpack], processes: [LaunchProcess]) {
        self.buildpacks = buildpacks
        self.processes = processes
    }
}

package struct LaunchBuildpack: Equatable, Sendable {
    package var id: String
    package var api: LaunchAPI

    package init(id: String, api: LaunchAPI) {
        self.id = id
        self.api = api
    }

    /// The name of the buildpack's directory beneath `<layers>`.
    package var directoryName: String {
        String(decoding: id.utf8.map { $0 == UInt8(ascii: "/") ? UInt8(ascii: "_") : $0 }, as: UTF8.self)
    }
}

package struct LaunchProcess: Equatable, Sendable {
    /// Empty for a command that the user gave.
    package var type: String
    package var command: [ByteText]
    package var arguments: [ByteText]
    /// Run without a shell.
    package var isDirect: Bool
    /// Empty for a command that the user gave.
    package var buildpackID: String
    /// nil is the app directory.
    package var workingDirectory: ByteText?
    /// The execution environments it is for; empty is all of them.
    package var executionEnvironments: [String]

    package init(
        type: String = "", command: [ByteText], arguments: [ByteText] = [], isDirect: Bool = false, buildpackID: String = "",
        workingDirectory: ByteText? = nil, executionEnvironments: [String] = []
    ) {
        self.type = type
        self.command = command
        self.arguments = arguments
        self.isDirect = isDirect
        self.buildpackID = buildpackID
        self.workingDirectory = workingDirectory
        self.executionEnvironments = executionEnvironments
    }

    /// E-4
    package func isEligible(in executionEnvironment: ByteText) -> Bool {
        executionEnvironments.isEmpty || executionEnvironments.contains { ByteText($0) == "*" || ByteText($0) == executionEnvironment }
    }
}
