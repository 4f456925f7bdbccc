package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct ConfigDefaultBuilderCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "default-builder", abstract: "Show, set or unset the builder that is used when none is named.",
        discussion: "A builder is looked for before it is set: in tote's store, then at its registry.")

    @Argument(help: "The builder to set; without it, the current one is shown.")
    var builder: String?

    @Flag(name: .shortAndLong, help: "Unset the default builder.")
    var unset = false

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func validate() throws {
        if unset, builder != nil { throw ValidationError("builder and --unset cannot be specified simultaneously") }
    }

    package func run(_ context: CommandContext) async throws {
        let file = try ConfigurationFile(environment: context.environment)
        if unset {
            let old = try file.setDefaultBuilder(nil)
            context.console.note(old.map { "Successfully unset default builder '\($0)'" } ?? "No default builder was set")
        } else if let builder {
            let reference = try Fault.inUsage { try Reference(parsing: builder) }
            try await registry.open(context).run { try await $0.checkBuilder(reference) }
            try file.setDefaultBuilder(builder)
            context.console.note("Builder '\(builder)' is now the default builder")
        } else if let current = try file.configuration().defaultBuilder {
            StandardStreams.out("The current default builder is '\(current)'")
        } else {
            StandardStreams.out("No default builder is set.")
        }
    }
}
