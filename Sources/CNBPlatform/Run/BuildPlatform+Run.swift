import Archive
import CNBLifecycle
import Diagnostics
import Glibc
import OCIImage
import Sandbox

extension BuildPlatform {
    /// Runs an image in the sandbox, with its output and signals connected to this process, and returns its exit status.
    package func runImage(_ request: RunRequest) async throws -> Int32 {
        guard !request.terminal || isatty(STDIN_FILENO) == 1 else {
            throw Fault("--tty: standard input is not a terminal", hint: "leave --tty out")
        }
        try Volume.check(request.volumes)
        let runtime = try RuntimeChoice.runtime(named: environment["TOTE_RUNTIME"])
        return try await holdingStore {
            let image = try await library.image(request.image, policy: configuration.pullPolicy ?? .ifNotPresent, role: "image")
            let mode = try requireMode()
            let rootFilesystems = try RootFilesystems(at: home.rootFilesystems, mode: mode)
            let lowers = try await rootFilesystems.unpacked(image, progress: { events(PhaseEvent($0)) })
            return try await withScratch { scratch in
                let root = try SandboxRoot(lowers: lowers, scratch: scratch, mode: mode)
                defer { root.close() }
                for volume in request.volumes { try root.bind(volume.source, at: volume.target, readOnly: volume.isReadOnly) }
                let command = try RunCommandLine(request, image.config.settings, root: root.directory, caller: environment).command
                let exit = try await runtime.run(command, in: root, output: .inherit, signals: Namespace.signals())
                if case .notStarted(let reason) = exit.status {
                    throw Fault("'\(command.arguments.first ?? "")' could not be started: \(reason)", exitCode: exit.code)
                }
                return exit.code
            }
        }
    }
}

/// What is run of an image: its entrypoint or a chosen process, with the caller's arguments and variables.
struct RunCommandLine {
    private static let launcher = "/cnb/lifecycle/launcher"
    private static let processes = "/cnb/process"
    let command: SandboxCommand

    init(_ request: RunRequest, _ settings: ContainerSettings, root: ConfinedDirectory, caller: [String: String]) throws {
        let named = try request.process.map { try Self.executable(of: $0, in: root) }
        let chosen = request.entrypoint.map { $0 == "launcher" ? Self.launcher : $0 } ?? named
        let entrypoint = chosen.map { [$0] } ?? settings.entrypoint
        var arguments = request.arguments
        // To the launcher, `--` means a command without a shell; a process takes it as a mark of the caller's own.
        if entrypoint != [Self.launcher], arguments.first == "--" { arguments.removeFirst() }
        let line = entrypoint + (arguments.isEmpty && chosen == nil ? settings.command : arguments)
        guard !line.isEmpty else {
            throw Fault("the image '\(request.image)' does not say what to run", hint: "name a command after the image")
        }
        let accounts = try Accounts(in: root)
        let ids = try accounts.ids(of: settings.user ?? "")
        var variables = settings
        if variables.environment("HOME") == nil { variables.setEnvironment("HOME", accounts.home(of: ids.user) ?? "/") }
        if request.terminal, let term = caller["TERM"] { variables.setEnvironment("TERM", term) }
        for variable in request.environment { variables.setEnvironment(variable.name, variable.value) }
        var command = SandboxCommand(
            arguments: line, environment: variables.environment, workingDirectory: settings.workingDirectory ?? "/", user: ids.user,
            group: ids.group)
        command.terminal = request.terminal
        command.standardInput = request.interactive || request.terminal ? .inherit : .null
        self.command = command
    }

    private static func executable(of process: String, in root: ConfinedDirectory) throws -> String {
        let path = "\(processes)/\(process)"
        guard RawPath(process).isOneName, try root.linkTarget(path) != nil else {
            let known = (try? root.names(processes).map(\.string).joined(separator: ", ")) ?? ""
            throw Fault(
                "the image has no process of type '\(process)'",
                hint: known.isEmpty ? "it has no processes: give a command instead" : "it has \(known)")
        }
        return path
    }
}
