import ArgumentParser
import CNBPlatform
import Diagnostics

/// Which buildpacks a build runs besides those of its builder's order.
struct CompositionOptions: ParsableArguments {
    @Option(
        name: [.customShort("b"), .long],
        help: ArgumentHelp(
            """
            A buildpack to run instead of the builder's order: an id of the builder, a folder, an archive, a URL, docker://IMAGE, \
            urn:cnb:registry:NAME, or 'from=builder' for the order itself. Repeatable, or with commas.
            """,
            valueName: "buildpack"))
    var buildpack: [String] = []

    @Option(help: ArgumentHelp("A buildpack to run before each group of the builder's order. Repeatable.", valueName: "buildpack"))
    var preBuildpack: [String] = []

    @Option(help: ArgumentHelp("A buildpack to run after each group of the builder's order. Repeatable.", valueName: "buildpack"))
    var postBuildpack: [String] = []

    @Option(
        name: .customLong("extension"),
        help: ArgumentHelp("An image extension in place of the builder's. Repeatable, or with commas.", valueName: "extension"))
    var extensions: [String] = []

    @Option(
        name: [.customShort("r"), .long],
        help: ArgumentHelp("The registry that finds buildpacks by name: a name of the configuration, or an address.", valueName: "registry")
    )
    var buildpackRegistry: String?

    /// Relative paths start from the folder the command was called in.
    func composition(_ context: CommandContext) throws -> GroupComposition {
        func declared(_ texts: [String], _ option: String) throws -> [DeclaredBuildpack] {
            try texts.flatMap { $0.split(separator: ",") }.map { text in
                do {
                    return try DeclaredBuildpack(String(text), relativeTo: context.workingDirectory)
                } catch {
                    throw Fault(option, cause: error)
                }
            }
        }
        return GroupComposition(
            group: try declared(buildpack, "--buildpack"), pre: try declared(preBuildpack, "--pre-buildpack"),
            post: try declared(postBuildpack, "--post-buildpack"), extensions: try declared(extensions, "--extension"))
    }
}
