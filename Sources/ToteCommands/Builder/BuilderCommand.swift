package import ArgumentParser

package struct BuilderCommand: ParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "builder", abstract: "Make builder images.", subcommands: [BuilderCreateCommand.self, BuilderSuggestCommand.self],
        aliases: ["builders"])

    package init() {}
}
