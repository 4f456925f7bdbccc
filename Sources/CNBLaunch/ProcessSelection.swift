extension LaunchMetadata {
    /// The process to run with its final arguments: by the name the launcher was called by (E-3), else the user's command.
    ///
    /// In the answer a command has one element wherever the Platform API is at least 0.10.
    package func process(for settings: LaunchSettings) throws(LaunchError) -> LaunchProcess {
        let type = settings.caller.lastName
        let candidates = processes.filter { ByteText($0.type) == type }
        guard !candidates.isEmpty else { return try Self.userProcess(settings.userArguments) }
        let selected = candidates.first {
            settings.platformAPI < LaunchAPI(0, 15) || $0.isEligible(in: settings.executionEnvironment)
        }
        guard let selected else { throw .launch("process type \(type) was not found") }
        guard !selected.command.isEmpty else { throw .launch("no command provided for process type \(type)") }
        return try apply(settings, to: selected)
    }

    /// E-5, E-6, E-7
    private static func userProcess(_ arguments: [ByteText]) throws(LaunchError) -> LaunchProcess {
        guard let first = arguments.first else { throw .launch("when there is no default process a command is required") }
        if first == "--", arguments.count > 1 {
            return LaunchProcess(command: [arguments[1]], arguments: Array(arguments.dropFirst(2)), isDirect: true)
        }
        return LaunchProcess(command: [first], arguments: Array(arguments.dropFirst()))
    }

    /// E-8, E-9
    private func apply(_ settings: LaunchSettings, to selected: LaunchProcess) throws(LaunchError) -> LaunchProcess {
        let api = try api(of: selected)
        let user = settings.userArguments
        var process = selected
        if settings.platformAPI < LaunchAPI(0, 10) {
            process.arguments += user
        } else if process.command.count > 1 {
            process.arguments = process.command.dropFirst() + (user.isEmpty ? process.arguments : user)
            process.command = [process.command[0]]
        } else if let api, api < LaunchAPI(0, 9) {
            process.arguments += user
        } else if !user.isEmpty {
            process.arguments = user
        }
        return process
    }

    /// E-10; nil for a process that names no buildpack.
    private func api(of process: LaunchProcess) throws(LaunchError) -> LaunchAPI? {
        if process.buildpackID.isEmpty { return nil }
        guard let buildpack = buildpacks.first(where: { ByteText($0.id) == ByteText(process.buildpackID) }) else {
            throw .launch("process type \(process.type) belongs to unknown buildpack '\(process.buildpackID)'")
        }
        return buildpack.api
    }
}
