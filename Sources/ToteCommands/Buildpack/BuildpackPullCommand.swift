package import ArgumentParser
import CNBPlatform
import CNBSpec
import OCIImage

package struct BuildpackPullCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "pull", abstract: "Bring a package of a buildpack into the store.",
        discussion: "Afterwards builds can use it without a network, with --pull-policy never or if-not-present.")

    @Argument(help: "docker://IMAGE, or NAMESPACE/NAME[@VERSION] of a registry of buildpacks.")
    var uri: String

    @Option(name: [.customShort("r"), .long], help: ArgumentHelp("The registry that finds buildpacks by name.", valueName: "registry"))
    var buildpackRegistry: String?

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let (reference, digest) = try await registry.open(context).run {
            try await $0.pullModule(uri, kind: .buildpack, registry: buildpackRegistry)
        }
        context.console.note("Successfully pulled '\(uri)'")
        StandardStreams.out("\(reference.familiarName)@\(digest)")
    }
}
