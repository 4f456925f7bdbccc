package import ArgumentParser
import CNBLifecycle
import CNBPlatform
import CNBSpec
import Diagnostics

package struct BuildpackNewCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a folder with a buildpack to begin with, in bash.")

    @OptionGroup var module: ModuleOptions

    @Option(name: .shortAndLong, help: ArgumentHelp("Deprecated: a stack that it works on; use --targets.", valueName: "id"))
    var stacks: [String] = []

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let request = try Fault.inUsage { try module.request(.buildpack, stacks: stacks) }
        if !stacks.isEmpty { context.console.show(.warning(PhaseWarning("stacks are deprecated", hint: "use --targets"))) }
        let (shown, path) = module.folder(context)
        try BuildpackScaffold(request).files.write(to: path, shown: shown)
        context.console.note("Successfully created buildpack '\(request.info.reference)'")
        context.console.note("Tip: try it with 'tote build NAME --buildpack \(path)'")
        StandardStreams.out(path)
    }
}
