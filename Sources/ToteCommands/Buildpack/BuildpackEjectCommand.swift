package import ArgumentParser
import CNBPlatform
import CNBSpec

package struct BuildpackEjectCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "eject",
        abstract: "Make a real buildpack of an inline one.",
        discussion: """
            Writes the inline buildpack of a project.toml to a folder that can be shared and packaged. In place of the inline entry, the \
            folder gives the same image.
            """)

    @Argument(help: "The inline buildpack's id, or id@version (default: the only one).")
    var id: String?

    @Option(name: .shortAndLong, help: ArgumentHelp("The folder to make.", valueName: "dir"))
    var output: String

    @Option(name: .shortAndLong, help: ArgumentHelp("The app's folder, or a zip of it.", valueName: "path"))
    var path: String = "."

    @Option(
        name: .shortAndLong, help: ArgumentHelp("The project descriptor (default: project.toml in the app's folder).", valueName: "file"))
    var descriptor: String?

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let descriptor = try ProjectDescriptor.read(
            app: context.absolute(path), named: descriptor.map(context.absolute), workingDirectory: context.workingDirectory,
            events: context.console.show)
        let ejection = try BuildpackEjection(id, from: descriptor)
        let place = context.absolute(output)
        try ejection.files.write(to: place, shown: output, replacingEmptyFolder: true)
        context.console.note("Successfully ejected inline buildpack '\(ejection.buildpack.reference)'")
        context.console.note("Tip: in project.toml, its entry becomes: uri = \"\(place)\", without id and script")
        StandardStreams.out(place)
    }
}
