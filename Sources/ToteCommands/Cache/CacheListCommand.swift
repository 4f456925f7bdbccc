package import ArgumentParser
import CNBPlatform
import OCIImage

package struct CacheListCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List build caches, the last used first.",
        discussion: """
            SIZE is what the compressed layers (BLOBS), and the unpacked ones and the copy of the app that builds mount (UNPACKED) take on \
            the disk. Images and \
            other caches may share blobs, so removing a cache can free less.
            """, aliases: ["ls"])

    @Option(name: .shortAndLong, help: ArgumentHelp("How to print them.", valueName: "table|json"))
    var output: OutputFormat = .table

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    private struct Row: Encodable {
        var name: String?
        var layers: Int
        var size: Int64
        var blob_size: Int64
        var unpacked_size: Int64
        var last_used: String
        /// That its record cannot be read; left out when it can.
        var unreadable: Bool?
    }

    package func run(_ context: CommandContext) async throws {
        let platform = try BuildPlatform.open(environment: context.environment, mode: context.mode, events: context.console.show)
        let caches = try await platform.run { try await $0.caches() }.reversed()
        switch output {
        case .table:
            var table = Table(["NAME", "LAYERS", "SIZE", "BLOBS", "UNPACKED", "LAST USED"])
            for cache in caches {
                table.add([
                    cache.shownName, cache.isReadable ? "\(cache.layers.count)" : "unreadable", formatted(bytes: cache.size),
                    formatted(bytes: cache.blobSize),
                    formatted(bytes: cache.unpackedSize), Timestamp.text(secondsSince1970: cache.lastUsed),
                ])
            }
            table.lines().forEach(StandardStreams.out)
            if caches.count > 1 { context.console.note("Together: \(formatted(bytes: StoredCache.size(of: caches)))") }
        case .json:
            let rows = caches.map { cache in
                Row(
                    name: cache.image?.familiarTagged, layers: cache.layers.count, size: cache.size, blob_size: cache.blobSize,
                    unpacked_size: cache.unpackedSize, last_used: Timestamp.text(secondsSince1970: cache.lastUsed),
                    unreadable: cache.isReadable ? nil : true)
            }
            StandardStreams.out(try JSONOutput.text(rows))
        }
    }
}

extension StoredCache {
    /// A cache that an older version made does not say whose it is before its next build.
    var shownName: String { image?.familiarTagged ?? "?" }
}
