package import ArgumentParser

package struct BuildpackCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "buildpack", abstract: "Write buildpacks.", subcommands: [BuildpackNewCommand.self, BuildpackEjectCommand.self],
        aliases: ["buildpacks"])

    package init() {}
}
