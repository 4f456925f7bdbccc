import CLauncher

/// Reads the metadata, prepares the environment and replaces this process; returns only by throwing.
func launch() throws(LaunchError) {
    let container = Environment(raw: byteTexts(launcher_environ()))
    let settings = try LaunchSettings(arguments: byteTexts(launcher_arguments()), environment: container)
    for warning in settings.warnings { writeError("Warning: \(warning)\n") }
    let files = SystemFiles()
    let metadataPath = settings.layers.appending("config/metadata.toml")
    let metadata = try LaunchMetadata(toml: try readMetadata(metadataPath, files))
    guard settings.app.withCString({ chdir($0) }) == 0 else {
        throw .launch("cannot enter the app directory '\(settings.app)': \(lastError())")
    }
    try run(try Launch(settings: settings, metadata: metadata, files: files).command(from: container))
}

func readMetadata(_ path: ByteText, _ files: SystemFiles) throws(LaunchError) -> [UInt8] {
    do throws(LaunchError) {
        return try files.read(path)
    } catch {
        throw .metadata("'\(path)': \(lastError())")
    }
}

func run(_ command: LaunchCommand) throws(LaunchError) {
    if let directory = command.workingDirectory, directory.withCString({ chdir($0) }) != 0 {
        throw .launch("cannot enter the working directory '\(directory)': \(lastError())")
    }
    _ = command.executable.withCString { path in
        withCStrings(command.arguments) { arguments in
            withCStrings(command.environment.rawEntries) { environment in execve(path, arguments, environment) }
        }
    }
    throw .launch("cannot execute '\(command.executable)': \(lastError())")
}

do throws(LaunchError) {
    try launch()
} catch {
    writeError("ERROR: \(error.description)\n")
    exit(error.exitCode)
}
