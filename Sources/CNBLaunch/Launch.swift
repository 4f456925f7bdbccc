/// One launch: from settings and metadata to the program that replaces the launcher.
package struct Launch<Files: LaunchFiles> {
    package let settings: LaunchSettings
    package let metadata: LaunchMetadata
    package let files: Files

    package init(settings: LaunchSettings, metadata: LaunchMetadata, files: Files) {
        self.settings = settings
        self.metadata = metadata
        self.files = files
    }

    /// Selects the process, applies the layers' environment, runs exec.d and finds the executable.
    ///
    /// The current directory must be the app directory (E-15): exec.d executables run in it.
    package func command(from container: Environment) throws(LaunchError) -> LaunchCommand {
        let process = try metadata.process(for: settings)
        var environment = Environment.launchBase(from: container)
        try applyLayers(to: &environment, type: process.type)
        try runExecD(&environment, type: process.type)
        let workingDirectory = (process.workingDirectory ?? settings.app).resolved(in: settings.app)
        try refuseNUL(in: process, environment)
        guard process.isDirect else {
            return try shellCommand(process, environment: environment, workingDirectory: workingDirectory)
        }
        return LaunchCommand(
            executable: try executable(process.command[0], environment: environment), arguments: process.command + process.arguments,
            environment: environment, workingDirectory: workingDirectory)
    }

    /// A NUL would cut off what follows it when the strings are handed to the system.
    private func refuseNUL(in process: LaunchProcess, _ environment: Environment) throws(LaunchError) {
        for variable in environment.variables where variable.value.bytes.contains(0) {
            throw .launch("environment variable '\(variable.name)' has a NUL byte in its value")
        }
        let texts = process.command + process.arguments + [process.workingDirectory ?? ""]
        guard !texts.contains(where: { $0.bytes.contains(0) }) else {
            throw .launch("process type \(process.type) has a NUL byte in its command, arguments or working directory")
        }
    }

    /// E-31. A path with a slash is relative to the app directory and made absolute before the working directory is entered
    /// (E-32). Relative elements of `PATH` are passed over.
    private func executable(_ name: ByteText, environment: Environment) throws(LaunchError) -> ByteText {
        if name.bytes.contains(UInt8(ascii: "/")) {
            let path = name.resolved(in: settings.app)
            guard files.isExecutable(path) else { throw .launch("path lookup: '\(name)' is not an executable file") }
            return path
        }
        for directory in environment.value("PATH")?.split(UInt8(ascii: ":")) ?? [] where directory.bytes.first == UInt8(ascii: "/") {
            let path = directory.appending(name)
            if files.isExecutable(path) { return path }
        }
        throw .launch("path lookup: executable '\(name)' not found in PATH '\(environment["PATH"] ?? "")'")
    }
}

/// The program that replaces the launcher.
package struct LaunchCommand: Equatable, Sendable {
    /// Absolute path.
    package var executable: ByteText
    /// The name it is called by first.
    package var arguments: [ByteText]
    package var environment: Environment
    /// To be entered first; nil when the program does that itself.
    package var workingDirectory: ByteText?

    package init(executable: ByteText, arguments: [ByteText], environment: Environment, workingDirectory: ByteText?) {
        self.executable = executable
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
    }
}
