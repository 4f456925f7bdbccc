extension Launch {
    /// E-13, E-14: for each buildpack the root directories of all its layers, then the environment files of all its layers.
    func applyLayers(to environment: inout Environment, type: String) throws(LaunchError) {
        for buildpack in metadata.buildpacks {
            let layers = try layers(of: buildpack)
            for layer in layers { environment.prependRoots(of: layer, phase: .launch) { files.exists($0) } }
            for layer in layers {
                try apply(layer.appending("env"), to: &environment)
                let launch = layer.appending("env.launch")
                try apply(launch, to: &environment)
                if !type.isEmpty { try apply(launch.appending(ByteText(type)), to: &environment) }
            }
        }
    }

    /// E-20: per layer what is in exec.d, then what is there for the process type. Each sees what those before it have set.
    func runExecD(_ environment: inout Environment, type: String) throws(LaunchError) {
        for buildpack in metadata.buildpacks {
            for layer in try layers(of: buildpack) {
                for path in try filesOf(layer.appending("exec.d"), type: type) {
                    let output = try files.runExecD(path, environment: environment)
                    for (name, value) in try Self.variables(toml: output, of: path) { environment.set(name, value) }
                }
            }
        }
    }

    /// E-34: the scripts that a shell sources before the command of a process.
    func profiles(type: String) throws(LaunchError) -> [ByteText] {
        var profiles: [ByteText] = []
        for buildpack in metadata.buildpacks {
            for layer in try layers(of: buildpack) { profiles += try filesOf(layer.appending("profile.d"), type: type) }
        }
        let appProfile = settings.app.appending(".profile")
        return files.isRegularFile(appProfile) ? profiles + [appProfile] : profiles
    }

    /// The layer directories of a buildpack, ascending.
    private func layers(of buildpack: LaunchBuildpack) throws(LaunchError) -> [ByteText] {
        let directory = settings.layers.appending(ByteText(buildpack.directoryName))
        return (try files.entries(of: directory) ?? []).filter { $0.isDirectory }.map { directory.appending($0.name) }.sorted { $0 < $1 }
    }

    private func apply(_ directory: ByteText, to environment: inout Environment) throws(LaunchError) {
        var contents: [EnvironmentFile] = []
        for entry in try files.entries(of: directory) ?? [] where !entry.leadsToDirectory {
            let bytes = try files.read(directory.appending(entry.name))
            contents.append(EnvironmentFile(name: entry.name, contents: ByteText(bytes: bytes)))
        }
        environment.apply(directory: contents, unsuffixed: .override)
    }

    /// What is no directory in `<directory>` and then in `<directory>/<type>`, each ascending.
    private func filesOf(_ directory: ByteText, type: String) throws(LaunchError) -> [ByteText] {
        var paths: [ByteText] = []
        for place in type.isEmpty ? [directory] : [directory, directory.appending(ByteText(type))] {
            let entries = (try files.entries(of: place) ?? []).filter { !$0.leadsToDirectory }
            paths += entries.map { place.appending($0.name) }.sorted { $0 < $1 }
        }
        return paths
    }
}
