import ArgumentParser
import CNBPlatform
import CNBSpec

/// What `tote buildpack new` and `tote extension new` ask for.
struct ModuleOptions: ParsableArguments {
    @Argument(help: "The new one's id, such as 'acme/hello'.")
    var id: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The Buildpack API that it is written for.", valueName: "version"))
    var api: String = "0.10"

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to make (default: the last part of the id, here).", valueName: "dir"))
    var path: String?

    @Option(name: [.customShort("V"), .customLong("version")], help: ArgumentHelp("Its version.", valueName: "version"))
    var moduleVersion: String = "1.0.0"

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A system that it works on: os/arch/variant, with ':distro@version' for some distributions only (default: this machine's). Repeatable, or with commas between.",
            valueName: "target"))
    var targets: [String] = []

    /// The request with these options.
    func request(_ kind: ModuleKind, stacks: [String] = []) throws -> ModuleRequest {
        try ModuleRequest(
            id: id, version: moduleVersion, api: api, targets: Self.items(targets), stacks: Self.items(stacks), kind: kind)
    }

    /// Where the folder is to be: as the user says it, and absolute.
    func folder(_ context: CommandContext) -> (shown: String, path: String) {
        let shown = path ?? id.split(separator: "/").last.map(String.init) ?? id
        return (shown, context.absolute(shown))
    }

    private static func items(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }
}
