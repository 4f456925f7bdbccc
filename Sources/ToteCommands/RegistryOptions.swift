import ArgumentParser
import CNBPlatform
import OCIImage

/// Options of every command that talks to registries.
package struct RegistryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("A registry that speaks HTTP, or HTTPS with a certificate nobody signed. Repeatable.", valueName: "host"))
    var insecureRegistry: [String] = []

    @Option(help: ArgumentHelp("A file of CA certificates for registries and, during a build only, for the buildpacks.", valueName: "file"))
    var caCertificates: String?

    package init() {}

    /// tote's folder and registries as the options and the configuration say.
    func open(_ context: CommandContext, for platform: Platform = .host) throws -> BuildPlatform {
        try BuildPlatform.open(
            environment: context.environment, mode: context.mode, caller: context.caller, platform: platform,
            insecureRegistries: insecureRegistry,
            caCertificates: caCertificates.map(context.absolute), events: context.console.show)
    }
}

/// `--platform` of the commands that take images of registries.
package struct PlatformOption: ParsableArguments {
    @Option(
        help: ArgumentHelp("The platform to take images for: OS/ARCHITECTURE[/VARIANT] (default: this machine's).", valueName: "platform"))
    var platform: String?

    package init() {}

    var value: Platform {
        get throws { try platform.map { try Platform(parsing: $0) } ?? .host }
    }
}
