package import ArgumentParser
import CNBPlatform
import CNBSpec
import Diagnostics

package struct ExtensionPackageCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "package", abstract: "Make a package of an image extension.",
        discussion: """
            A package is an image, or a .cnb file, that every builder and every build can take the extension from. \
            The same files give the same digest.
            """)

    @OptionGroup var options: PackageOptions
    @OptionGroup var registry: RegistryOptions
    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let request = try Fault.inUsage { try options.request(.extension, context) }
        options.report(try await registry.open(context).run { try await $0.package(request) }, .extension, context)
    }
}
