package import ArgumentParser
import CNBPlatform
import CNBSpec

package struct ConfigRunImageMirrorsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "run-image-mirrors", abstract: "List, add and remove mirrors of run images.",
        subcommands: [
            ConfigRunImageMirrorsListCommand.self, ConfigRunImageMirrorsAddCommand.self, ConfigRunImageMirrorsRemoveCommand.self,
        ], defaultSubcommand: ConfigRunImageMirrorsListCommand.self)

    package init() {}
}

package struct ConfigRunImageMirrorsListCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "list", abstract: "List the mirrors of run images.")

    @Argument(help: "Show the mirrors of this run image only.")
    var image: String?

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let all = try ConfigurationFile(environment: context.environment).configuration().runImageMirrors
        let shown = all.filter { image == nil || $0.image == image }
        guard !shown.isEmpty else {
            return StandardStreams.out("No run image mirrors have been set" + (image.map { " for '\($0)'" } ?? ""))
        }
        StandardStreams.out("Run Image Mirrors:")
        for entry in shown {
            StandardStreams.out("  '\(entry.image)':")
            for mirror in entry.mirrors { StandardStreams.out("    \(mirror)") }
        }
    }
}

package struct ConfigRunImageMirrorsAddCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add mirrors of a run image.",
        discussion: """
            A build takes the first one that it can read; one on the registry of the builder, or of the image to be published, comes before others.
            """)

    @Argument(help: "The run image, as its builder names it.")
    var image: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Another place of the same image. Repeatable.", valueName: "image"))
    var mirror: [String] = []

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if mirror.isEmpty { throw ValidationError("no run image mirrors were provided: name them with --mirror") }
    }

    package func run(_ context: CommandContext) async throws {
        try ConfigurationFile(environment: context.environment).addRunImageMirrors(of: image, mirror)
        for mirror in mirror { context.console.note("Run Image '\(image)' configured with mirror '\(mirror)'") }
    }
}

package struct ConfigRunImageMirrorsRemoveCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove mirrors of a run image.", aliases: ["rm"])

    @Argument(help: "The run image as it was added.")
    var image: String

    @Option(name: .shortAndLong, help: ArgumentHelp("A mirror to remove (default: all of them). Repeatable.", valueName: "image"))
    var mirror: [String] = []

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let known = try ConfigurationFile(environment: context.environment).removeRunImageMirrors(of: image, mirror)
        context.console.note(
            known ? "Removed mirrors of run image '\(image)'" : "No run image mirrors have been set for '\(image)'")
    }
}
