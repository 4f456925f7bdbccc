package import ArgumentParser
import CNBPlatform
import CNBSpec
import Diagnostics

package struct DetectCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "detect",
        abstract: "Show which buildpacks a build would run, without building.",
        discussion: """
            Does all that 'tote build' does until the group of buildpacks is chosen: fetches images and buildpacks, and runs every bin/detect. \
            Prints the group, its plan, the run image, and what would come back of the last build. \
            Exit statuses are those of a build: 20 when no group passes, 21 when a bin/detect failed.
            """,
        aliases: ["plan"])

    @Argument(help: "The image's name: its last build counts (default: 'detect', which has none).")
    var name: String = "detect"

    @Option(name: .shortAndLong, help: "How to print it.")
    var output: OutputFormat = .table

    @OptionGroup var inputs: BuildInputOptions
    @OptionGroup var platform: PlatformOption
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    package func run(_ context: CommandContext) async throws {
        let (request, target) = try Fault.inUsage { (try inputs.request(name, context), try self.platform.value) }
        let platform = try registry.open(context, for: target)
        let document = DetectionDocument(try await platform.run { try await $0.detect(request) })
        switch output {
        case .table: document.lines.forEach(StandardStreams.out)
        case .json: StandardStreams.out(try JSONOutput.text(document))
        }
    }
}
