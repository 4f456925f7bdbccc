package import ArgumentParser
import CNBPlatform
import Diagnostics
import Glibc

/// The `tote` command line.
package struct ToteCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "tote",
        abstract: "Build container images from source with Cloud Native Buildpacks: no daemon, no root.",
        version: ToteVersion.text,
        subcommands: [
            BuildCommand.self, DetectCommand.self, RunCommand.self, RebaseCommand.self, InspectCommand.self, SBOMCommand.self,
            ImagesCommand.self,
            BuilderCommand.self, BuildpackCommand.self, ExtensionCommand.self, BaseCommand.self, CacheCommand.self, ConfigCommand.self,
            PruneCommand.self, CompletionCommand.self, VersionCommand.self,
        ])

    package init() {}

    /// Parses the arguments of this process, runs what they ask for, and never returns.
    package static func start() -> Never {
        do {
            var command = try parseAsRoot()
            if let subcommand = command as? any ToteSubcommand {
                CommandRunner.run(subcommand)
            }
            try command.run()
            exit(withError: nil)
        } catch {
            exit(withError: error)
        }
    }
}
