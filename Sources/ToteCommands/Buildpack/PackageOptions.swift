import ArgumentParser
import CNBLifecycle
import CNBPlatform
import CNBSpec
import Diagnostics
import OCIImage

/// What 'buildpack package' and 'extension package' ask for.
struct PackageOptions: ParsableArguments {
    enum Format: String, ExpressibleByArgument, CaseIterable {
        case image, file
    }

    @Argument(help: "The package's name; with --format file the file's.")
    var name: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The package's configuration (default: none).", valueName: "package.toml"))
    var config: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to package (default: this one). Not with --config.", valueName: "dir"))
    var path: String?

    @Option(name: .shortAndLong, help: "What to make: an image in the store or a registry, or a .cnb file.")
    var format: Format = .image

    @Flag(help: "Send the image to its registry; several targets become an index.")
    var publish = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A system to package for: os/arch/variant (default: those of package.toml, else of the module, else this machine's). Repeatable, or with commas between.",
            valueName: "target"))
    var target: [String] = []

    @Option(help: ArgumentHelp("One more name for the image. Repeatable.", valueName: "image"))
    var tag: [String] = []

    @Option(name: .shortAndLong, help: ArgumentHelp("A label for the image. Repeatable.", valueName: "name=value"))
    var label: [String] = []

    @Option(name: [.customShort("r"), .long], help: ArgumentHelp("The registry that finds buildpacks by name.", valueName: "registry"))
    var buildpackRegistry: String?

    @Option(help: ArgumentHelp("When to ask registries for images (default: always).", valueName: "policy"))
    var pullPolicy: String?

    @Flag(help: "Put all modules into one layer.")
    var flatten = false

    @Option(
        name: [.customShort("e"), .long],
        help: ArgumentHelp(
            "A module that keeps a layer of its own, with --flatten. Repeatable, or with commas between.", valueName: "id@version"))
    var flattenExclude: [String] = []

    func request(_ kind: ModuleKind, _ context: CommandContext) throws -> PackageRequest {
        guard config == nil || path == nil else {
            throw Fault("--config and --path exclude each other", hint: "the configuration says where the \(kind.rawValue) is")  // H-16
        }
        var request = PackageRequest(
            kind: kind, destination: try destination(context), folder: context.absolute(path ?? "."))
        request.config = config.map(context.absolute)
        request.additionalTags = try tag.map { try BuildInputOptions.imageName($0, option: "--tag") }
        guard format == .image || tag.isEmpty else { throw Fault("--tag names images, and --format file makes none") }
        request.labels = try Labels.parse(label)
        request.targets = try target.flatMap { $0.split(separator: ",") }.map { try Target(parsing: String($0)) }
        request.registry = buildpackRegistry
        request.pullPolicy = try pullPolicy.map(PullPolicy.init(parsing:))
        guard flatten || flattenExclude.isEmpty else { throw Fault("--flatten-exclude goes with --flatten") }
        if flatten { request.flattenedWithout = try FlattenOption.parse(flattenExclude, option: "--flatten-exclude").flatMap(\.self) }
        // L-42
        guard !publish || request.pullPolicy != .never else { throw Fault("--publish and --pull-policy never cannot be used together") }
        return request
    }

    private func destination(_ context: CommandContext) throws -> PackageRequest.Destination {
        guard format == .file else {
            let reference = try BuildInputOptions.imageName(name, option: "the package's name")
            return publish ? .registry(reference) : .store(reference)
        }
        guard !publish else { throw Fault("--publish and --format file exclude each other", hint: "a file is sent nowhere") }
        let file = PackageRequest.fileName(name)
        if file.isUnusual {
            // H-19
            context.console.show(
                .warning(PhaseWarning("'\(file.path)' does not end in '.cnb', by which other tools know package files")))
        }
        return .file(context.absolute(file.path))
    }

    /// Says what was made, and prints it for scripts.
    func report(_ result: PackageResult, _ kind: ModuleKind, _ context: CommandContext) {
        switch result {
        case .image(let digest):
            context.console.note("Successfully \(publish ? "published" : "created") package '\(name)'")
            context.console.note("Tip: use it with 'tote build NAME --\(kind.rawValue) docker://\(name)'")
            StandardStreams.out("\(name)@\(digest)")
        case .files(let files):
            for file in files {
                context.console.note("Successfully created package '\(file)'")
                StandardStreams.out(file)
            }
        }
    }
}
