package import ArgumentParser
import CNBPlatform

package struct ConfigCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "config", abstract: "Show and change tote's configuration.",
        subcommands: [
            ConfigListCommand.self, ConfigDefaultBuilderCommand.self, ConfigPullPolicyCommand.self, ConfigRegistryMirrorsCommand.self,
            ConfigRunImageMirrorsCommand.self, ConfigRegistriesCommand.self,
        ], defaultSubcommand: ConfigListCommand.self)

    package init() {}
}

package struct ConfigListCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "Print all that is configured, as TOML.", aliases: ["ls"])

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let file = try ConfigurationFile(environment: context.environment)
        let text = try file.text()
        context.console.note(text.isEmpty ? "Nothing is configured in '\(file.path)'" : "The configuration in '\(file.path)':")
        if !text.isEmpty { StandardStreams.out(String(text.dropLast())) }
    }
}
