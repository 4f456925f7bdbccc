package import ArgumentParser
import CNBPlatform

package struct VersionCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "version", abstract: "Print tote's version.")

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        StandardStreams.out(ToteVersion.text)
    }
}
