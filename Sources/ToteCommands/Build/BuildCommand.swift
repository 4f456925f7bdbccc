package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct BuildCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "build",
        abstract: "Build an image from an app's source, with buildpacks.",
        discussion: """
            Reads project.toml in the app's folder, runs the buildpacks of the builder and the inline buildpacks of that file in a sandbox, \
            and writes a reproducible image. The image lands in tote's store, or with --publish in its registry.
            """)

    @Argument(help: "The image's name, such as 'my-app' or 'ghcr.io/acme/app:1'.")
    var name: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The app's folder, or a zip of it.", valueName: "path"))
    var path: String = "."

    @Option(name: [.customShort("B"), .long], help: ArgumentHelp("The builder image.", valueName: "image"))
    var builder: String?

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

    @Option(name: [.customShort("D"), .long], help: ArgumentHelp("The process type that starts by default.", valueName: "type"))
    var defaultProcess: String?

    @Option(
        help: ArgumentHelp("The image's creation time: seconds since 1970, or 'now' (default: 1980-01-01T00:00:01Z).", valueName: "time"))
    var creationTime: String?

    @Flag(help: "Forget this app's build cache first.")
    var clearCache = false

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

    @Option(name: .shortAndLong, help: ArgumentHelp("One more name for the image. Repeatable.", valueName: "image"))
    var tag: [String] = []

    @Option(help: ArgumentHelp("The image whose layers may be reused (default: the last image of this name).", valueName: "image"))
    var previousImage: String?

    @Flag(help: "Send the image to its registry instead of keeping it in the store.")
    var publish = false

    @Option(
        help: ArgumentHelp(
            "Where to write the image as well: oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker or registry:REF. Repeatable.",
            valueName: "sink"))
    var output: [String] = []

    @OptionGroup var platform: PlatformOption
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    package func run(_ context: CommandContext) async throws {
        let request = try request(context)
        let platform = try registry.open(context, for: platform.value)
        let summary = BuildSummary(result: try await platform.run { try await $0.build(request) })
        summary.lines(context.console.style).forEach(context.console.note)
        StandardStreams.out(summary.data)
    }

    private func request(_ context: CommandContext) throws -> BuildRequest {
        var request = BuildRequest(
            image: try imageName(name, option: "the image name"), path: context.absolute(path), workingDirectory: context.workingDirectory)
        request.additionalTags = try tag.map { try imageName($0, option: "--tag") }
        request.descriptor = descriptor.map(context.absolute)
        request.builder = try builder.map { try Reference(parsing: $0) }
        request.runImage = try runImage.map { try Reference(parsing: $0) }
        request.previousImage = try previousImage.map { try Reference(parsing: $0) }
        request.environment = env
        request.environmentFiles = envFile.map(context.absolute)
        request.defaultProcess = defaultProcess
        request.creationTime = try creationTime.map(CreationTime.init(parsing:))
        request.clearCache = clearCache
        request.network = network
        request.user = try uid.map { try id($0, option: "--uid") }
        request.group = try gid.map { try id($0, option: "--gid") }
        request.workspace = try WorkspaceName(workspace)
        request.pullPolicy = try pullPolicy.map(PullPolicy.init(parsing:))
        request.execEnv = try ExecutionEnvironmentName(execEnv)
        request.publish = publish
        request.outputs = try output.map { try ImageSink(parsing: $0, relativeTo: context.workingDirectory) }
        return request
    }

    /// L-22: what is written to must be a tag.
    private func imageName(_ text: String, option: String) throws -> Reference {
        let reference = try Reference(parsing: text)
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
