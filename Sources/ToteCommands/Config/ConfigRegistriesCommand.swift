package import ArgumentParser
import CNBPlatform

package struct ConfigRegistriesCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "registries", abstract: "List, add and remove registries of buildpacks.",
        discussion: "A registry of buildpacks is a git repository that says which image a name stands for.",
        subcommands: [
            ConfigRegistriesListCommand.self, ConfigRegistriesAddCommand.self, ConfigRegistriesRemoveCommand.self,
            ConfigRegistriesDefaultCommand.self,
        ], defaultSubcommand: ConfigRegistriesListCommand.self, aliases: ["registry"])

    package init() {}
}

package struct ConfigRegistriesListCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the registries; the default one has a star.", aliases: ["ls"])

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let registries = BuildpackRegistries(try ConfigurationFile(environment: context.environment).configuration())
        var table = Table(["", "NAME", "URL"])
        for entry in registries.entries { table.add([entry.isDefault ? "*" : "", entry.name, entry.url]) }
        table.lines().forEach(StandardStreams.out)
    }
}

package struct ConfigRegistriesAddCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "add", abstract: "Add a registry of buildpacks.")

    @Argument(help: "A name for it.")
    var name: String

    @Argument(help: "The address of its git repository.")
    var url: String

    @Flag(help: "Use it wherever none is named.")
    var `default` = false

    @Option(help: ArgumentHelp("How buildpacks are entered in it.", valueName: "github|git"))
    var type: String = "github"

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try ConfigurationFile(environment: context.environment).addBuildpackRegistry(name, url: url, type: type, isDefault: `default`)
        context.console.note("Successfully added '\(name)' to registries")
    }
}

package struct ConfigRegistriesRemoveCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Remove a registry of buildpacks.", aliases: ["rm"])

    @Argument(help: "Its name.")
    var name: String

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        try ConfigurationFile(environment: context.environment).removeBuildpackRegistry(name)
        context.console.note("Successfully removed '\(name)' from registries")
    }
}

package struct ConfigRegistriesDefaultCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "default", abstract: "Show, set or unset the registry that is used where none is named.")

    @Argument(help: "The registry to set; without it, the current one is shown.")
    var name: String?

    @Flag(name: .shortAndLong, help: "Unset it: 'official' is used then.")
    var unset = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if unset, name != nil { throw ValidationError("registry name and --unset cannot be specified simultaneously") }
    }

    package func run(_ context: CommandContext) async throws {
        let file = try ConfigurationFile(environment: context.environment)
        if unset {
            let old = try file.setDefaultBuildpackRegistry(nil)
            context.console.note(
                old.map { "Successfully unset default registry '\($0)'" } ?? "No default registry was set: it is 'official'")
        } else if let name {
            try file.setDefaultBuildpackRegistry(name)
            context.console.note("Successfully set '\(name)' as the default registry")
        } else {
            let name = BuildpackRegistries(try file.configuration()).standard?.name ?? "official"
            StandardStreams.out("The current default registry is '\(name)'")
        }
    }
}
