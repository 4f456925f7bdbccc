import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

/// What decides which buildpacks run and on what: the options that 'build' and 'detect' share.
struct BuildInputOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp("The app's folder, or a zip of it.", valueName: "path"))
    var path: String = "."

    @Option(name: [.customShort("B"), .long], help: ArgumentHelp("The builder image.", valueName: "image"))
    var builder: String?

    @Option(help: ArgumentHelp("Build in this image instead of a builder; needs --run-image and buildpacks.", valueName: "image"))
    var buildImage: String?

    @OptionGroup var composition: CompositionOptions

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The project descriptor (default: project.toml in the app's folder).", valueName: "file"))
    var descriptor: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "A variable for the build: NAME=VALUE, or NAME to take the value from here. Repeatable.", valueName: "name=value"))
    var env: [String] = []

    @Option(help: ArgumentHelp("A file of such variables, one a line. Repeatable; --env wins.", valueName: "file"))
    var envFile: [String] = []

    @Option(help: ArgumentHelp("The run image (default: the builder's).", valueName: "image"))
    var runImage: String?

    @Option(
        help: ArgumentHelp(
            "A folder or file of this machine to show to buildpacks, read-only unless 'rw' is said; service bindings go to "
                + "/platform/bindings/NAME. Repeatable.", valueName: "host:target[:ro|rw]"))
    var volume: [String] = []

    @Flag(help: "Forget this app's build cache first.")
    var clearCache = false

    @Option(
        help: ArgumentHelp(
            "How cached layers come back: shown where they belong, or copied, which costs time and suits every buildpack (default: mount, but copy where a buildpack needed that before).",
            valueName: "mount|copy"))
    var restore: LayerRestoring?

    @Option(help: ArgumentHelp("Network of the buildpacks.", valueName: "host|none"))
    var network: BuildNetwork = .host

    @Option(help: ArgumentHelp("User id of the build (default: the builder's).", valueName: "id"))
    var uid: Int?

    @Option(help: ArgumentHelp("Group id of the build (default: the builder's).", valueName: "id"))
    var gid: Int?

    @Option(help: ArgumentHelp("Name of the folder in the image that holds the app.", valueName: "name"))
    var workspace: String = "workspace"

    @Option(
        help: ArgumentHelp(
            "When to ask registries for images: always, if-not-present, never, hourly, daily, weekly or interval=TIME such as 1d12h (default: always).",
            valueName: "policy"))
    var pullPolicy: String?

    @Option(help: ArgumentHelp("The execution environment that buildpacks build for.", valueName: "name"))
    var execEnv: String = "production"

    @Option(help: ArgumentHelp("The image whose layers may be reused (default: the last image of this name).", valueName: "image"))
    var previousImage: String?

    /// The request for an image of this name, with nothing said yet about where it goes.
    func request(_ name: String, _ context: CommandContext) throws -> BuildRequest {
        var request = BuildRequest(
            image: try Self.imageName(name, option: "the image name"), path: context.absolute(path),
            workingDirectory: context.workingDirectory)
        request.descriptor = descriptor.map(context.absolute)
        guard builder == nil || buildImage == nil else {
            throw Fault("--builder and --build-image exclude each other", hint: "name one of them")
        }
        request.builder = try builder.map { try Self.reference($0, option: "--builder") }
        request.buildImage = try buildImage.map { try Self.reference($0, option: "--build-image") }
        request.composition = try composition.composition(context)
        request.buildpackRegistry = composition.buildpackRegistry
        request.runImage = try runImage.map { try Self.reference($0, option: "--run-image") }
        request.previousImage = try previousImage.map { try Self.reference($0, option: "--previous-image") }
        request.environment = env
        request.environmentFiles = envFile.map(context.absolute)
        request.volumes = try volume.map { try Volume(parsing: $0, relativeTo: context.workingDirectory, access: .readOnly) }
        request.clearCache = clearCache
        request.restoring = restore
        request.network = network
        request.user = try uid.map { try id($0, option: "--uid") }
        request.group = try gid.map { try id($0, option: "--gid") }
        request.workspace = try WorkspaceName(workspace)
        request.pullPolicy = try pullPolicy.map(PullPolicy.init(parsing:))
        request.execEnv = try ExecutionEnvironmentName(execEnv)
        return request
    }

    /// An image to read. Its error says which option names it.
    static func reference(_ text: String, option: String) throws -> Reference {
        do { return try Reference(parsing: text) } catch { throw Fault(option, cause: error) }
    }

    /// L-22: what is written to must be a tag.
    static func imageName(_ text: String, option: String) throws -> Reference {
        let reference = try reference(text, option: option)
        guard reference.digest == nil else {
            throw Fault("\(option): '\(text)' is not a tag reference", hint: "name the image without '@sha256:…'")
        }
        return reference
    }

    private func id(_ value: Int, option: String) throws -> UInt32 {
        guard let id = UInt32(exactly: value), id < UInt32.max else {
            throw Fault("\(option): \(value) is not a user or group id", hint: "ids are whole numbers from 0")
        }
        return id
    }
}

extension BuildNetwork: ExpressibleByArgument {}
extension LayerRestoring: ExpressibleByArgument {}
