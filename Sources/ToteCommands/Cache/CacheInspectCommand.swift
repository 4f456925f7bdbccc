import Archive
package import ArgumentParser
import CNBPlatform
import CNBSpec
import Diagnostics
import OCIImage

package struct CacheInspectCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show the layers that an app image's build cache has.",
        discussion: """
            UNPACKED is '-' for a layer that the next build has to unpack. CREATED is when the layer got these contents on this machine.
            """)

    @Argument(help: "The image's name.")
    var name: String

    @Option(name: .shortAndLong, help: ArgumentHelp("How to print it.", valueName: "table|json"))
    var output: OutputFormat = .table

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package var needsNamespace: Bool { true }

    package func run(_ context: CommandContext) async throws {
        let reference = try Fault.inUsage { try Reference(parsing: name) }
        let platform = try BuildPlatform.open(environment: context.environment, mode: context.mode, events: context.console.show)
        let cache = try await platform.run { try await $0.cache(of: reference) }
        switch output {
        case .table: Self.lines(cache).forEach(StandardStreams.out)
        case .json: StandardStreams.out(try JSONOutput.text(CacheDocument(cache)))
        }
    }

    private static func layers(_ cache: StoredCache) -> [String] {
        guard cache.isReadable else { return ["unknown: the record cannot be read, and the next build drops it"] }
        guard !cache.layers.isEmpty else { return ["none"] }
        var table = Table(["BUILDPACK", "LAYER", "TYPES", "DIFFID", "BLOB", "UNPACKED", "CREATED"])
        for layer in cache.layers {
            table.add([
                DisplayText.clean(layer.buildpack ?? "-"), DisplayText.clean(layer.name), layer.types?.words.joined(separator: ",") ?? "-",
                layer.diffID.digest.short, layer.blobSize.map(formatted) ?? "missing", layer.unpackedSize.map(formatted) ?? "-",
                layer.created.map { Timestamp.text(secondsSince1970: $0) } ?? "-",
            ])
        }
        return table.lines()
    }

    private static func lines(_ cache: StoredCache) -> [String] {
        [
            "Image:     \(cache.shownName)",
            "Last used: \(Timestamp.text(secondsSince1970: cache.lastUsed))",
            "Size:      \(formatted(bytes: cache.size)) (blobs \(formatted(bytes: cache.blobSize)), "
                + "unpacked \(formatted(bytes: cache.unpackedSize)))",
        ] + (cache.app.map { ["App:       \(formatted(bytes: $0.size)), a copy of its folder"] } ?? [])
            + ["", "Layers:"] + layers(cache).map { "  " + $0 }
    }
}

extension LayerTypes {
    /// As layer.toml calls those that are set.
    var words: [String] { [("launch", launch), ("build", build), ("cache", cache)].filter(\.1).map(\.0) }
}
