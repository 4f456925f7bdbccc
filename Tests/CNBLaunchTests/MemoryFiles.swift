import CNBLaunch

/// A file system in memory: directories exist through the files in them, or by a path that ends with a slash.
struct MemoryFiles: LaunchFiles {
    var contents: [String: String] = [:]
    var executables: Set<String> = []
    /// What exec.d executables write, given their path and environment; nil fails.
    var execD: @Sendable (String, Environment) -> String? = { _, _ in "" }

    func entries(of directory: ByteText) throws(LaunchError) -> [LaunchEntry]? {
        if contents[directory.description] != nil { throw .launch("'\(directory)' is not a directory") }
        let prefix = "\(directory)/"
        var names: [String: Bool] = [:]
        var isPresent = false
        for path in Array(contents.keys) + Array(executables) where path.hasPrefix(prefix) {
            isPresent = true
            let rest = path.dropFirst(prefix.count)
            guard let name = rest.split(separator: "/").first else { continue }
            names[String(name)] = rest.contains("/") || names[String(name)] == true
        }
        guard isPresent else { return nil }
        return names.map { LaunchEntry(name: ByteText($0.key), isDirectory: $0.value, leadsToDirectory: $0.value) }
    }

    func exists(_ path: ByteText) -> Bool {
        (Array(contents.keys) + Array(executables)).contains { $0 == path.description || $0.hasPrefix("\(path)/") }
    }

    func isRegularFile(_ path: ByteText) -> Bool { contents[path.description] != nil || executables.contains(path.description) }

    func isExecutable(_ path: ByteText) -> Bool { executables.contains(path.description) }

    func read(_ path: ByteText) throws(LaunchError) -> [UInt8] {
        guard let text = contents[path.description] else { throw .launch("no '\(path)'") }
        return Array(text.utf8)
    }

    func runExecD(_ path: ByteText, environment: Environment) throws(LaunchError) -> [UInt8] {
        guard let output = execD(path.description, environment) else { throw .launch("exec.d: '\(path)' failed") }
        return Array(output.utf8)
    }
}

/// Settings as the launcher would read them.
func settings(
    _ arguments: [String], api: String = "0.15", environment: [String] = []
) throws -> LaunchSettings {
    try LaunchSettings(arguments: arguments.map { ByteText($0) }, environment: Environment(["CNB_PLATFORM_API=\(api)"] + environment))
}
