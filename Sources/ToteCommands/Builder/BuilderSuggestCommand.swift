package import ArgumentParser
import CNBPlatform

package struct BuilderSuggestCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "suggest", abstract: "List public builders to begin with.")

    @Option(name: .shortAndLong, help: ArgumentHelp("How to print it.", valueName: "table|json"))
    var output: OutputFormat = .table

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        switch output {
        case .table:
            var table = Table(["VENDOR", "IMAGE", "DESCRIPTION"])
            for builder in KnownBuilder.all { table.add([builder.vendor, builder.image, builder.description]) }
            table.lines().forEach(StandardStreams.out)
            context.console.note("Tip: use one with 'tote build NAME --builder IMAGE', or make your own with 'tote builder create'")
        case .json: StandardStreams.out(try JSONOutput.text(KnownBuilder.all))
        }
    }
}
