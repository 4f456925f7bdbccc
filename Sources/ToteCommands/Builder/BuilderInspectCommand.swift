package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct BuilderInspectCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "inspect", abstract: "Show a builder's buildpacks, their order, run images and lifecycle.",
        discussion: "REMOTE and LOCAL are as with 'tote inspect'. Without a name it shows the default builder of the configuration.")

    @Argument(help: "The builder's name (default: the default builder).")
    var name: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("Levels of the detection order to show (default: all).", valueName: "levels"))
    var depth: Int = -1

    @OptionGroup var inspection: InspectionOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let named = try name.map { name in try Fault.inUsage { try Reference(parsing: name) } }
        let platform = try registry.open(context)
        let asksRegistry = inspection.remote, depth = depth < 0 ? nil : depth
        let found = try await platform.run { platform in
            guard let reference = try named ?? platform.defaultBuilder else {
                throw Fault(
                    "no builder is named, and the configuration has no 'default-builder-image'", hint: "name the builder", exitCode: 2)
            }
            return try await platform.inspectBuilder(reference, asksRegistry: asksRegistry, depth: depth)
        }
        let isTrusted = TrustedBuilders.contains(name ?? found.reference.familiar)
        let isDefault = platform.isDefaultBuilder(found.reference)
        switch inspection.output {
        case .text: BuilderInspectionText(found, isTrusted: isTrusted, showsMixins: global.verbose).lines.forEach(StandardStreams.out)
        default:
            let document = BuilderInspectionDocument(found, isTrusted: isTrusted, isDefault: isDefault, showsMixins: global.verbose)
            StandardStreams.out(try inspection.output.text(document.json))
        }
    }
}
