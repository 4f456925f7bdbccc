package import ArgumentParser
import CNBPlatform
import CNBSpec
import Diagnostics

package struct ExtensionCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "extension", abstract: "Write and package image extensions.",
        subcommands: [ExtensionNewCommand.self, ExtensionPackageCommand.self, ExtensionInspectCommand.self], aliases: ["extensions"])

    package init() {}
}

package struct ExtensionNewCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a folder with an image extension to begin with, in bash.")

    @OptionGroup var module: ModuleOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let request = try Fault.inUsage { try module.request(.extension) }
        let (shown, path) = module.folder(context)
        try ExtensionScaffold(request).files.write(to: path, shown: shown)
        context.console.note("Successfully created extension '\(request.info.reference)'")
        StandardStreams.out(path)
    }
}
