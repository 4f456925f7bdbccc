package import ArgumentParser
import CNBPlatform
import OCIImage

package struct InspectCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show what an image is made of: buildpacks, processes, layers.")

    @Argument(help: "The image's name.")
    var name: String

    @Option(name: .shortAndLong, help: ArgumentHelp("How to print it.", valueName: "table|json"))
    var output: OutputFormat = .table

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let reference = try Reference(parsing: name)
        let inspection = try await registry.open(context).run { try await $0.inspect(reference) }
        switch output {
        case .table: InspectionText(inspection).lines.forEach(StandardStreams.out)
        case .json: StandardStreams.out(try JSONOutput.text(InspectionDocument(inspection)))
        }
    }
}
