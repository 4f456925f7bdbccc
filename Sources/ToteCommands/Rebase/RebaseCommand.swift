package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct RebaseCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rebase",
        abstract: "Put app images on a new run image, without building them again.",
        discussion: """
            The layers of the run image give way to those of its present release; the app's layers stay as they are. An image is named as \
            in the store or the daemon, with --publish as in its registry, where nothing but documents moves, or as oci:DIR[:TAG], \
            oci-archive:FILE, docker-archive:FILE or docker:REF. What does not fit is refused.
            """)

    @Argument(help: "The app images.")
    var images: [String] = []

    @Flag(help: "Rebase every image in the store that has a run image; with --run-image those on its repository.")
    var all = false

    @Option(help: ArgumentHelp("The run image (default: the one that each image remembers).", valueName: "image"))
    var runImage: String?

    @Option(help: ArgumentHelp("The image to read in place of the one to write.", valueName: "image"))
    var previousImage: String?

    @Flag(help: "Rebase the images in their registries.")
    var publish = false

    @Flag(help: "Rebase onto a run image that does not fit, or an image that is marked as not rebasable.")
    var force = false

    @Flag(help: "Refuse another tag of the run image's repository, too, as the letter of the specification has it.")
    var strict = false

    @Option(
        help: ArgumentHelp(
            "When to ask registries for run images: always, if-not-present, never, hourly, daily, weekly or interval=TIME (default: always).",
            valueName: "policy"))
    var pullPolicy: String?

    @Option(help: ArgumentHelp("A folder to write report.toml to: the name and the digest of the image.", valueName: "dir"))
    var reportOutputDir: String?

    @Flag(help: "Only say what would be done: whether each base is current, which packages change, what is refused and why.")
    var dryRun = false

    @Option(name: .shortAndLong, help: ArgumentHelp("How to print that.", valueName: "human-readable|json|yaml|toml"))
    var output: DocumentFormat?

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let request = try Fault.inUsage { try self.request(context) }
        let platform = try registry.open(context)
        if dryRun {
            let outcomes = try await platform.run { try await $0.forecastRebase(request) }
            try show(outcomes)
            return try RebaseFailures(outcomes).report(context.console)
        }
        let outcomes = try await platform.run { try await $0.rebase(request) }
        if outcomes.isEmpty { context.console.note("There is no image to rebase") }
        for case .success(let result) in outcomes.map(\.result) { show(result, context.console) }
        try RebaseFailures(outcomes).report(context.console)
    }

    private func show(_ outcomes: [RebaseOutcome<[RebaseForecast]>]) throws {
        switch output ?? .text {
        case .text: RebaseForecastText(outcomes).lines.forEach(StandardStreams.out)
        case let format: StandardStreams.out(try format.text(RebaseForecastDocument(outcomes).json))
        }
    }

    private func show(_ result: RebaseResult, _ console: Console) {
        let what = result.isChanged ? "Successfully rebased image '\(result.place)'" : "Image '\(result.place)' stood on that base already"
        console.note(console.style(.green, DisplayText.clean(what)) + " (\(result.base.familiarTagged))")  // F-17
        if case .name(let reference) = result.place {
            StandardStreams.out("\(reference.familiarName)@\(result.digest)")
        } else {
            StandardStreams.out("\(result.digest)")
        }
    }

    private func request(_ context: CommandContext) throws -> RebaseRequest {
        var request = RebaseRequest(images: try images.map { try RebasePlace(parsing: $0, relativeTo: context.workingDirectory) })
        request.isAll = all
        request.isForecast = dryRun
        request.runImage = try runImage.map { try BuildInputOptions.reference($0, option: "--run-image") }
        request.previousImage = try previousImage.map { try BuildInputOptions.reference($0, option: "--previous-image") }
        request.publish = publish
        request.isForced = force
        request.isStrict = strict
        request.pullPolicy = try pullPolicy.map(PullPolicy.init(parsing:))
        request.reportFolder = reportOutputDir.map(context.absolute)
        try request.check()
        guard dryRun || output == nil else { throw Fault("--output is for --dry-run only", hint: "say --dry-run as well, or leave it out") }
        return request
    }
}
