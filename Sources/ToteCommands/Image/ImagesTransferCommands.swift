import Archive
package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct ImagesPullCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "pull", abstract: "Bring an image of a registry into the store.")

    @Argument(help: "The image's name at its registry.")
    var name: String

    @OptionGroup var platform: PlatformOption
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let (reference, target) = try Fault.inUsage { (try Reference(parsing: name), try platform.value) }
        let image = try await registry.open(context, for: target).run { try await $0.pullImage(reference) }
        StandardStreams.out("\(reference.familiarName)@\(image.digest)")
    }
}

package struct ImagesPushCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(commandName: "push", abstract: "Send an image of the store to a registry.")

    @Argument(help: "The image's name in the store.")
    var name: String

    @Argument(help: "Its name at the registry (default: the same).")
    var target: String?

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let (source, reference) = try Fault.inUsage { (try Reference(parsing: name), try Reference(parsing: target ?? name)) }
        let digest = try await registry.open(context).run { try await $0.pushImage(source, to: reference) }
        StandardStreams.out("\(reference.familiarName)@\(digest)")
    }
}

package struct ImagesExportCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Write an image of the store to a file or folder.")

    @Argument(help: "The image's name in the store.")
    var name: String

    @Argument(help: ArgumentHelp("oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, docker or registry:REF.", valueName: "sink"))
    var sink: String

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let (source, target) = try Fault.inUsage {
            (try Reference(parsing: name), try ImageSink(parsing: sink, relativeTo: context.workingDirectory))
        }
        try await registry.open(context).run { try await $0.exportImage(source, to: target) }
        context.console.note("Wrote \(source.familiarTagged) to \(target)")
    }
}

package struct ImagesImportCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Put an image from a file, a folder or the daemon into the store.")

    @Argument(help: ArgumentHelp("oci:DIR[:TAG], oci-archive:FILE[:TAG], docker-archive:FILE or docker:REF.", valueName: "source"))
    var source: String

    @Argument(help: "The image's name in the store.")
    var name: String

    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let (origin, reference) = try Fault.inUsage {
            let origin = try ImageOrigin(parsing: source, relativeTo: context.workingDirectory)
            return (origin, try BuildInputOptions.imageName(name, option: "the image's name"))
        }
        let image = try await registry.open(context).run { try await $0.importImage(origin, as: reference) }
        StandardStreams.out("\(reference.familiarName)@\(image.digest)")
    }
}
