package import ArgumentParser

package struct BuilderCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "builder", abstract: "Make builder images and look at them.",
        subcommands: [BuilderCreateCommand.self, BuilderInspectCommand.self, BuilderSuggestCommand.self], aliases: ["builders"])

    package init() {}
}
