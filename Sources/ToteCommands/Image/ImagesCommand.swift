import Archive
package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct ImagesCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "images", abstract: "List, remove and move the images in tote's store.",
        subcommands: [
            ImagesListCommand.self, ImagesRemoveCommand.self, ImagesPullCommand.self, ImagesPushCommand.self, ImagesExportCommand.self,
            ImagesImportCommand.self,
        ], defaultSubcommand: ImagesListCommand.self)

    package init() {}
}

package struct ImagesListCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "list", abstract: "List the images in the store.", aliases: ["ls"])

    @Option(name: .shortAndLong, help: ArgumentHelp("How to print them.", valueName: "table|json"))
    var output: OutputFormat = .table

    @OptionGroup package var global: GlobalOptions

    package init() {}

    private struct Row: Encodable {
        var name: String
        var digest: String
        var size: Int64?
        var created: String?
    }

    package func run(_ context: CommandContext) async throws {
        let platform = try BuildPlatform.open(environment: context.environment, mode: nil, events: context.console.show)
        let images = try await platform.run { try $0.images() }
        switch output {
        case .table:
            var table = Table(["NAME", "DIGEST", "SIZE", "CREATED"])
            for image in images {
                table.add([Self.name(of: image), image.digest.short, image.size.map(formatted) ?? "?", image.created ?? "?"])
            }
            table.lines().forEach(StandardStreams.out)
        case .json:
            let rows = images.map { Row(name: Self.name(of: $0), digest: $0.digest.description, size: $0.size, created: $0.created) }
            StandardStreams.out(try JSONOutput.text(rows))
        }
    }

    private static func name(of image: StoredImage) -> String {
        image.reference?.familiarTagged ?? image.name ?? ""
    }
}

package struct ImagesRemoveCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "rm", abstract: "Remove images from the store, with their build caches.")

    @Argument(help: "The images' names.")
    var names: [String]

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let references = try Fault.inUsage { try names.map { try Reference(parsing: $0) } }
        let platform = try BuildPlatform.open(environment: context.environment, mode: nil, events: context.console.show)
        let freed = try await platform.run { try $0.removeImages(references) }
        let space = freed.map { "\(formatted(bytes: $0)) freed" } ?? "a build is running, so the space is freed by a later removal"
        context.console.note("Removed \(references.map(\.familiarTagged).joined(separator: ", ")); \(space)")
    }
}
