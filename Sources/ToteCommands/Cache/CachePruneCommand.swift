package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct CachePruneCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove build caches, least recently used first.",
        discussion: """
            Without names and options, all of them. Images stay; their next builds begin without a cache. Nothing is removed while a \
            build runs.
            """)

    @Argument(help: "Remove only the caches of these images.")
    var names: [String] = []

    @Option(help: ArgumentHelp("Remove only what no build used for so long, such as 30d or 12h.", valueName: "time"))
    var unusedFor: String?

    @Option(help: ArgumentHelp("Stop when the caches that are left take no more than this, such as 10GB.", valueName: "size"))
    var keepSize: String?

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    package func run(_ context: CommandContext) async throws {
        let pruning = try Fault.inUsage { try self.pruning() }
        let platform = try BuildPlatform.open(environment: context.environment, mode: context.mode, events: context.console.show)
        let (removed, freed) = try await platform.run { try $0.pruneCaches(pruning) }
        guard !removed.isEmpty else { return context.console.note("No build cache to remove") }
        let names = removed.map(\.shownName).joined(separator: ", ")
        context.console.note(
            "Removed the build cache\(removed.count == 1 ? "" : "s") of \(names); \(formatted(bytes: freed)) freed")
    }

    private func pruning() throws -> CachePruning {
        CachePruning(
            images: try names.map { try Reference(parsing: $0) }, unusedFor: try unusedFor.map(UnusedFor.period),
            keptSize: try keepSize.map { text in
                guard let size = ByteCount.parse(text) else {
                    throw Fault("--keep-size: '\(text)' is not a size", hint: "write a number and a unit, such as 10GB or 500MiB")
                }
                return size
            })
    }
}

/// The value of `--unused-for`.
enum UnusedFor {
    static func period(_ text: String) throws -> Period {
        guard let period = Period(text) else {
            throw Fault("--unused-for: '\(text)' is not a length of time", hint: "write days, hours and minutes, such as 30d or 1d12h")
        }
        return period
    }
}
