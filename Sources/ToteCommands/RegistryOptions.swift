import ArgumentParser
import CNBPlatform

/// Options of every command that talks to registries.
package struct RegistryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A registry that speaks HTTP, or HTTPS with a certificate nobody signed. Repeatable.", valueName: "host"))
    var insecureRegistry: [String] = []

    @Option(help: ArgumentHelp("A file of CA certificates for registries and, during a build only, for the buildpacks.", valueName: "file"))
    var caCertificates: String?

    package init() {}

    /// tote's folder and registries as the options and the configuration say.
    func open(_ context: CommandContext) throws -> BuildPlatform {
        try BuildPlatform.open(
            environment: context.environment, mode: context.mode, insecureRegistries: insecureRegistry,
            caCertificates: caCertificates.map(context.absolute), events: context.console.show)
    }
}
