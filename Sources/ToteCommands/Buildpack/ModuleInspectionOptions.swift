import ArgumentParser
import CNBPlatform
import CNBSpec
import Diagnostics

/// What 'buildpack inspect' and 'extension inspect' ask for.
struct ModuleInspectionOptions: ParsableArguments {
    @Argument(help: "Where it is: a folder, an archive, a .cnb file, a URL, docker://IMAGE, or a name of a registry of buildpacks.")
    var place: String

    @Option(name: .shortAndLong, help: ArgumentHelp("How many levels of the order to show; -1 for all.", valueName: "number"))
    var depth: Int = -1

    @Option(name: .shortAndLong, help: "How to print it.")
    var output: OutputFormat = .table

    @Option(
        name: [.customShort("r"), .customLong("registry"), .long],
        help: ArgumentHelp("The registry that finds buildpacks by name.", valueName: "registry"))
    var buildpackRegistry: String?

    @Option(help: ArgumentHelp("When to ask registries for images (default: always).", valueName: "policy"))
    var pullPolicy: String?

    func run(_ kind: ModuleKind, _ registry: RegistryOptions, _ context: CommandContext) async throws {
        let policy = try Fault.inUsage {
            guard depth >= -1 else { throw Fault("--depth: \(depth) is no number of levels", hint: "use 0 or more, or -1 for all") }
            return try pullPolicy.map(PullPolicy.init(parsing:))
        }
        let package = try await registry.open(context).run {
            try await $0.inspectModule(
                place, kind: kind, relativeTo: context.workingDirectory, registry: buildpackRegistry, policy: policy)
        }
        let order = try DetectionOrderTree(package, depth: depth < 0 ? nil : depth)
        let document = ModuleInspectionDocument(package, order: order, kind: kind, place: place)
        switch output {
        case .table: ModuleInspectionText(document, order: order).lines.forEach(StandardStreams.out)
        case .json: StandardStreams.out(try JSONOutput.text(document))
        }
    }
}
