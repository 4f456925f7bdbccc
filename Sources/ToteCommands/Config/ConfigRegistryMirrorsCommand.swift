package import ArgumentParser
import CNBPlatform

package struct ConfigRegistryMirrorsCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "registry-mirrors", abstract: "List, add and remove mirrors of registries.",
        subcommands: [
            ConfigRegistryMirrorsListCommand.self, ConfigRegistryMirrorsAddCommand.self, ConfigRegistryMirrorsRemoveCommand.self,
        ], defaultSubcommand: ConfigRegistryMirrorsListCommand.self, aliases: ["registry-mirror"])

    package init() {}
}

package struct ConfigRegistryMirrorsListCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "list", abstract: "List all registry mirrors.")

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let mirrors = try ConfigurationFile(environment: context.environment).configuration().registryMirrors
        guard !mirrors.isEmpty else { return StandardStreams.out("No registry mirrors have been set") }
        StandardStreams.out("Registry Mirrors:")
        for (registry, mirror) in mirrors.sorted(by: { $0.key < $1.key }) { StandardStreams.out("  \(registry): '\(mirror)'") }
    }
}

package struct ConfigRegistryMirrorsAddCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Set the mirror of a registry.",
        discussion: "Images of the registry are then read from the mirror, and from the registry itself when the mirror does not have them."
    )

    @Argument(help: "The registry's host, or '*' for every registry.")
    var registry: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The mirror: HOST[:PORT][/PATH].", valueName: "address"))
    var mirror: String

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try ConfigurationFile(environment: context.environment).setRegistryMirror(of: registry, mirror)
        context.console.note("Registry '\(registry)' configured with mirror '\(mirror)'")
    }
}

package struct ConfigRegistryMirrorsRemoveCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove the mirror of a registry.", aliases: ["rm"])

    @Argument(help: "The registry as it was added.")
    var registry: String

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let old = try ConfigurationFile(environment: context.environment).setRegistryMirror(of: registry, nil)
        context.console.note(
            old == nil ? "No registry mirror has been set for '\(registry)'" : "Removed mirror for '\(registry)'")
    }
}
