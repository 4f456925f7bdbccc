package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct BuilderCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "builder", abstract: "Make builder images.", subcommands: [BuilderCreateCommand.self, BuilderSuggestCommand.self],
        aliases: ["builders"])

    package init() {}
}

package struct BuilderCreateCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a builder image from a build image, buildpack folders and an order.")

    @Argument(help: "The builder's name.")
    var name: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The builder's configuration.", valueName: "builder.toml"))
    var config: String

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let reference = try Reference(parsing: name)
        guard reference.digest == nil else { throw Fault("'\(name)' is not a tag reference", hint: "name the builder without '@sha256:…'") }
        let file = context.absolute(config), shown = config
        let platform = try registry.open(context)
        let image = try await platform.run { try await $0.createBuilder(reference, config: file, shown: shown, version: ToteVersion.text) }
        context.console.note("Successfully created builder image '\(reference.familiarTagged)'")
        context.console.note("Tip: use it with 'tote build NAME --builder \(reference.familiar)'")
        StandardStreams.out("\(reference.familiarName)@\(image.digest)")
    }
}
