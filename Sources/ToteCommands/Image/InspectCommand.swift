package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct InspectCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what an image is made of: buildpacks, processes, layers.",
        discussion: """
            REMOTE is the image at its registry, LOCAL the one in tote's store or else in the Docker or Podman daemon. No layer is downloaded. \
            The registry is asked as the pull policy says, but not about an image that tote made here.
            """, aliases: ["inspect-image"])

    @Argument(help: "The image's name.")
    var name: String

    @OptionGroup var inspection: InspectionOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let reference = try Fault.inUsage { try Reference(parsing: name) }, asksRegistry = inspection.remote
        let found = try await registry.open(context).run { try await $0.inspect(reference, asksRegistry: asksRegistry) }
        switch inspection.output {
        case .text: InspectionText(found).lines.forEach(StandardStreams.out)
        default: StandardStreams.out(try inspection.output.text(InspectionDocument(found).json))
        }
    }
}

/// Options of the commands that look at an image.
package struct InspectionOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("How to print it.", valueName: "human-readable|json|yaml|toml"))
    var output: DocumentFormat = .text

    @Flag(help: "Ask the registry in any case.")
    var remote = false

    package init() {}
}
