package import ArgumentParser
import CNBSpec

package struct BuildpackInspectCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what is in a buildpack, or in a package of one, wherever it is.")

    @OptionGroup var options: ModuleInspectionOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws { try await options.run(.buildpack, registry, context) }
}
