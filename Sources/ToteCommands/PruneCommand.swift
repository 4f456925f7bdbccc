package import ArgumentParser
import CNBPlatform
import Diagnostics

package struct PruneCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove what tote keeps and nothing needs.",
        discussion: """
            Named images and build caches stay, with all that they need; see 'tote images rm' and 'tote cache prune'. Removed are: blobs \
            and unpacked layers that no image and no cache has, pulled builders and run images, downloads and copies of registries of \
            buildpacks that no command used for 30 days, and what killed builds left. With --all, everything is removed. Nothing is \
            removed while a build runs.

            As an ordinary user, unpacked layers may belong to your subordinate ids, so this is the way to empty tote's folder.
            """)

    @Flag(help: "Remove everything: images, build caches, unpacked layers.")
    var all = false

    @Option(
        help: ArgumentHelp(
            "How long pulled images, downloads and copies of registries must be unused, such as 12h (default: 30d).", valueName: "time"))
    var unusedFor: String?

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    package func validate() throws {
        guard !all || unusedFor == nil else { throw ValidationError("--all removes everything, so --unused-for has no meaning with it") }
    }

    package func run(_ context: CommandContext) async throws {
        let period = try Fault.inUsage { try unusedFor.map(UnusedFor.period) } ?? Period(minutes: 30 * 24 * 60)
        let platform = try BuildPlatform.open(environment: context.environment, mode: context.mode, events: context.console.show)
        guard !all else {
            try await platform.run { try $0.pruneAll() }
            return context.console.note("Removed all images, build caches and unpacked layers")
        }
        let freed = try await platform.run { try $0.prune(unusedFor: period) }
        let parts = [
            ("blobs", freed.blobs), ("unpacked layers of images", freed.imageLayers), ("unpacked layers of caches", freed.cacheLayers),
            ("downloads", freed.downloads), ("left-overs of builds", freed.scratch),
        ]
        for (what, bytes) in parts where bytes > 0 { context.console.note("Removed \(what): \(formatted(bytes: bytes))") }
        context.console.note(freed.total > 0 ? "\(formatted(bytes: freed.total)) freed" : "There was nothing to remove")
    }
}
