package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct RunCommand: ParsableCommand, ToteSubcommand {
    package static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run an image of the store in the sandbox.",
        discussion: """
            The image starts through its launcher, on the host's network, with its own files in a throw-away copy. \
            Options stand before the image's name; everything behind it goes to the process. \
            The exit status is the process's own; a process that a signal ended gives 128 plus its number.
            """)

    @Option(help: ArgumentHelp("The process type to start (default: the image's).", valueName: "type"))
    var process: String?

    @Option(help: ArgumentHelp("Start this program instead; 'launcher' runs the arguments as a command.", valueName: "path"))
    var entrypoint: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A variable for the process: NAME=VALUE, or NAME to take the value from here. Repeatable.", valueName: "name=value"))
    var env: [String] = []

    @Option(
        name: .shortAndLong, help: ArgumentHelp("A folder or file of the host to show in the image. Repeatable.", valueName: "src:dst[:ro]")
    )
    var volume: [String] = []

    @Option(
        name: [.customShort("p"), .customLong("publish")],
        help: ArgumentHelp(
            "A port of the process. It shares the host's network, so both numbers are the same. Repeatable.", valueName: "port:port"))
    var ports: [String] = []

    @Flag(name: .shortAndLong, help: "Connect standard input.")
    var interactive = false

    @Flag(name: .shortAndLong, help: "Give the process a terminal.")
    var tty = false

    // No short name: -v is --volume here, as in docker.
    @Flag(help: "Show more detail.")
    var verbose = false

    @Flag(name: .shortAndLong, help: "Show only warnings and errors of tote itself.")
    var quiet = false

    @Flag(name: .customLong("no-color"), help: "Never use colours.")
    var noColor = false

    @Flag(help: "Begin every line of tote itself with the time.")
    var timestamps = false

    @Argument(help: "The image's name.")
    var name: String

    @Argument(
        parsing: .captureForPassthrough,
        help: ArgumentHelp("Arguments for the process, or a command when the image has no default process.", valueName: "args"))
    var arguments: [String] = []

    package init() {}

    package var consoleOptions: ConsoleOptions {
        ConsoleOptions(verbosity: quiet ? .quiet : verbose ? .verbose : .normal, noColor: noColor, timestamps: timestamps)
    }
    package var needsNamespace: Bool { true }
    package var handlesSignals: Bool { true }

    package func run(_ context: CommandContext) async throws {
        let request = try Fault.inUsage { try self.request(context) }
        let platform = try BuildPlatform.open(
            environment: context.environment, mode: context.mode, caller: context.caller, events: context.console.show)
        let status = try await platform.run { try await $0.runImage(request) }
        throw ExitCode(status)
    }

    private func request(_ context: CommandContext) throws -> RunRequest {
        var request = RunRequest(image: try Reference(parsing: name))
        request.process = process
        request.entrypoint = entrypoint
        request.environment = try env.map { try RunVariable(parsing: $0, environment: context.environment) }
        request.volumes = try volume.map { try Volume(parsing: $0, relativeTo: context.workingDirectory, access: .readWrite) }
        for port in ports { try PublishedPort.check(port) }
        request.arguments = arguments
        request.interactive = interactive
        request.terminal = tty
        return request
    }
}
