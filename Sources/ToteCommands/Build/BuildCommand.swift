import Archive
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

    @OptionGroup var inputs: BuildInputOptions
    @OptionGroup var cache: CacheOptions

    @Option(name: [.customShort("D"), .long], help: ArgumentHelp("The process type that starts by default.", valueName: "type"))
    var defaultProcess: String?

    @Option(
        help: ArgumentHelp("The image's creation time: seconds since 1970, or 'now' (default: 1980-01-01T00:00:01Z).", valueName: "time"))
    var creationTime: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("One more name for the image. Repeatable.", valueName: "image"))
    var tag: [String] = []

    @Flag(help: "Send the image to its registry instead of keeping it in the store.")
    var publish = false

    @Option(
        help: ArgumentHelp(
            "Where to write the image as well: oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker or registry:REF. Repeatable.",
            valueName: "sink"))
    var output: [String] = []

    @Option(
        help: ArgumentHelp(
            "How layers are compressed: gzip[:1-12], zstd[:1-22] or none (default: gzip:1; layers of the last image that did not change stay as they are).",
            valueName: "kind[:level]"))
    var compression: String?

    @Option(help: ArgumentHelp("A folder to write report.toml to: the names and the digest of the image.", valueName: "dir"))
    var reportOutputDir: String?

    @Option(help: ArgumentHelp("A folder to write the SBOM files of the buildpacks to, below 'sbom'.", valueName: "dir"))
    var sbomOutputDir: String?

    @OptionGroup var platform: PlatformOption
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    package func run(_ context: CommandContext) async throws {
        let (request, target) = try Fault.inUsage { (try self.request(context), try self.platform.value) }
        let platform = try registry.open(context, for: target)
        let summary = BuildSummary(result: try await platform.run { try await $0.build(request) })
        if context.console.isJSON {
            context.console.tell(result: summary.fields)
        } else {
            summary.lines(context.console.style).forEach(context.console.note)
        }
        StandardStreams.out(summary.data)
    }

    private func request(_ context: CommandContext) throws -> BuildRequest {
        var request = try inputs.request(name, context)
        request.additionalTags = try tag.map { try BuildInputOptions.imageName($0, option: "--tag") }
        request.defaultProcess = defaultProcess
        request.creationTime = try creationTime.map(CreationTime.init(parsing:))
        request.cache = try cache.choice(context)
        request.encoding = try compression.map(Self.encoding)
        request.publish = publish
        request.reportFolder = reportOutputDir.map(context.absolute)
        request.sbomFolder = sbomOutputDir.map(context.absolute)
        request.outputs = try output.map { try ImageSink(parsing: $0, relativeTo: context.workingDirectory) }
        return request
    }

    private static func encoding(_ text: String) throws -> LayerEncoding {
        do {
            return try LayerEncoding(parsing: text)
        } catch {
            throw Fault("--compression", cause: error)
        }
    }
}
