package import ArgumentParser
import CNBPlatform
import Diagnostics
import OCIImage

package struct BaseCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "base", abstract: "Make build and run images from Debian packages.", subcommands: [BaseCreateCommand.self])

    package init() {}
}

package struct BaseCreateCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "create", abstract: "Make a build image and a run image from the packages of a Debian suite.",
        discussion: """
            'tote base create debian12 --suite bookworm' makes the images 'debian12-build' and 'debian12-run'. \
            The same package versions give the same digests.
            """)

    @Argument(help: "The base's name: the images are NAME-build and NAME-run.")
    var name: String

    @Option(help: ArgumentHelp("The Debian release, by its code name.", valueName: "suite"))
    var suite: String = "bookworm"

    @Option(
        name: [.customLong("package")],
        help: ArgumentHelp(
            "A package for both images, or for one as build:NAME or run:NAME; NAME- leaves a standard one out. Repeatable.",
            valueName: "package"))
    var packages: [String] = []

    @Option(help: ArgumentHelp("Where to get packages from (default: this machine's sources, else deb.debian.org).", valueName: "url"))
    var mirror: String?

    @Option(help: ArgumentHelp("A file of CA certificates for an https mirror.", valueName: "file"))
    var caCertificates: String?

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let request = try Fault.inUsage {
            try BaseRequest(
                name: try Reference(parsing: name), suite: suite, packages: try BasePackages(wishes: packages), mirror: mirror,
                caCertificates: caCertificates.map(context.absolute))
        }
        let platform = try BuildPlatform.open(environment: context.environment, mode: nil, events: context.console.show)
        let base = try await platform.run { try await $0.createBase(request) }
        context.console.note("Made a base from \(base.system)")
        for member in [base.build, base.run] {
            context.console.note("  \(member.reference.familiarTagged)  \(member.digest)  \(formatted(bytes: member.layerSize))")
            StandardStreams.out("\(member.reference.familiarName)@\(member.digest)")
        }
    }
}
