package import ArgumentParser

package struct BuildpackCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "buildpack", abstract: "Write and package buildpacks.",
        subcommands: [
            BuildpackNewCommand.self, BuildpackEjectCommand.self, BuildpackPackageCommand.self, BuildpackInspectCommand.self,
            BuildpackPullCommand.self,
        ],
        aliases: ["buildpacks"])

    package init() {}
}
