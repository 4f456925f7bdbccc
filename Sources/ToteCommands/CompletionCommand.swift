package import ArgumentParser
import CNBPlatform
import Diagnostics

package struct CompletionCommand: ParsableCommand, UsualCommand {
    package static let configuration = CommandConfiguration(
        commandName: "completion", abstract: "Print a script that completes tote's command lines in a shell.",
        discussion: """
            bash: . <(tote completion --shell bash)
            zsh:  tote completion --shell zsh > "${fpath[1]}/_tote"
            fish: tote completion --shell fish > ~/.config/fish/completions/tote.fish
            """)

    @Option(name: .shortAndLong, help: ArgumentHelp("The shell.", valueName: "bash|zsh|fish"))
    var shell: Shell = .bash

    enum Shell: String, ExpressibleByArgument, CaseIterable, Sendable {
        case bash, zsh, fish
    }

    @OptionGroup package var global: GlobalOptions

    package init() {}

    package func run(_ context: CommandContext) async throws {
        let kind: CompletionShell =
            switch shell {
            case .bash: .bash
            case .zsh: .zsh
            case .fish: .fish
            }
        StandardStreams.out(ToteCommand.completionScript(for: kind))
    }
}
