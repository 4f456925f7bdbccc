package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct SBOMCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "sbom", abstract: "Work with the software bills of materials of images.", subcommands: [SBOMDownloadCommand.self])

    package init() {}
}

package struct SBOMDownloadCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "download", abstract: "Write the SBOM files of an image to a folder.",
        discussion: """
            The files land below 'layers/sbom' in that folder, one folder for each buildpack. The image is the store's, or else that of \
            the Docker or Podman daemon of this machine; with --remote it is its registry's, of which only the SBOM layer is fetched.
            """)

    @Argument(help: "The image's name.")
    var name: String

    @Option(name: .shortAndLong, help: ArgumentHelp("Where to write the files (default: the current folder).", valueName: "dir"))
    var outputDir: String = "."

    @Flag(help: "Ask the image's registry instead of the store and the daemon.")
    var remote = false

    @OptionGroup var platform: PlatformOption
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let (reference, target) = try Fault.inUsage { (try Reference(parsing: name), try platform.value) }
        let folder = context.absolute(outputDir)
        let count = try await registry.open(context, for: target).run { [remote] in
            try await $0.downloadSBOMs(of: reference, isRemote: remote, to: folder)
        }
        context.console.note("Wrote \(count) SBOM file\(count == 1 ? "" : "s") of \(reference.familiarTagged) to \(folder)/layers/sbom")
    }
}
