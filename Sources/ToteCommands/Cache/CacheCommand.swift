package import ArgumentParser

package struct CacheCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "cache", abstract: "List, inspect and remove the build caches of app images.",
        subcommands: [CacheListCommand.self, CacheInspectCommand.self, CachePruneCommand.self], defaultSubcommand: CacheListCommand.self)

    package init() {}
}
