package import ArgumentParser
import CNBPlatform
import CNBSpec
import Diagnostics
import OCIImage

package struct BuilderCreateCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a builder image from a build image, buildpacks and an order.",
        discussion: "The same files, images and packages give the same digest.")

    @Argument(help: "The builder's name.")
    var name: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The builder's configuration.", valueName: "builder.toml"))
    var config: String

    @Flag(help: "Send the builder to its registry; several targets become an index.")
    var publish = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A system to make it for: os/arch/variant (default: those of builder.toml, else this machine's). Repeatable, or with commas between.",
            valueName: "target"))
    var target: [String] = []

    @Option(help: ArgumentHelp("One more name for the builder. Repeatable.", valueName: "image"))
    var tag: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("A label for the image. Repeatable.", valueName: "name=value"))
    var label: [String] = []

    @Option(help: ArgumentHelp("Buildpacks to put into one layer: id@version, with commas between. Repeatable.", valueName: "buildpacks"))
    var flatten: [String] = []

    @Option(
        name: [.customShort("r"), .customShort("R"), .long],
        help: ArgumentHelp("The registry that finds buildpacks by name.", valueName: "registry"))
    var buildpackRegistry: String?

    @Option(help: ArgumentHelp("When to ask registries for images (default: always).", valueName: "policy"))
    var pullPolicy: String?

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let request = try Fault.inUsage { try self.request(context) }
        let digest = try await registry.open(context).run { try await $0.createBuilder(request) }
        let reference = request.name
        context.console.note("Successfully \(publish ? "published" : "created") builder image '\(reference.familiarTagged)'")
        context.console.note("Tip: use it with 'tote build NAME --builder \(reference.familiar)'")
        StandardStreams.out("\(reference.familiarName)@\(digest)")
    }

    private func request(_ context: CommandContext) throws -> BuilderRequest {
        let reference = try Reference(parsing: name)
        guard reference.digest == nil else { throw Fault("'\(name)' is not a tag reference", hint: "name the builder without '@sha256:…'") }
        var request = BuilderRequest(name: reference, config: context.absolute(config), shown: config, version: ToteVersion.text)
        request.publish = publish
        request.targets = try target.flatMap { $0.split(separator: ",") }.map { try Target(parsing: String($0)) }
        request.additionalTags = try tag.map { try BuildInputOptions.imageName($0, option: "--tag") }
        request.labels = try Labels.parse(label)
        request.flattened = try FlattenOption.parse(flatten, option: "--flatten").map { Set($0) }
        request.registry = buildpackRegistry
        request.pullPolicy = try pullPolicy.map(PullPolicy.init(parsing:))
        // L-42
        guard !publish || request.pullPolicy != .never else { throw Fault("--publish and --pull-policy never cannot be used together") }
        return request
    }
}
