package import ArgumentParser
import CNBPlatform
import Diagnostics

package struct PruneCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "prune", abstract: "Remove what tote keeps.",
        discussion: """
            As an ordinary user, unpacked layers may belong to your subordinate ids, so this is the way to empty tote's folder.
            """)

    @Flag(help: "Remove everything: images, build caches, unpacked layers.")
    var all = false

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    package func validate() throws {
        guard all else { throw ValidationError("say --all to remove all images, caches and unpacked layers") }
    }

    package func run(_ context: CommandContext) async throws {
        let platform = try BuildPlatform.open(environment: context.environment, mode: context.mode, events: context.console.show)
        try await platform.run { try $0.pruneAll() }
        context.console.note("Removed all images, build caches and unpacked layers")
    }
}
