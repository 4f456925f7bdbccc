package import CNBPlatform
import Diagnostics
import Glibc
package import Sandbox

/// What every command gets instead of globals: the process's surroundings, read once.
package struct CommandContext: Sendable {
    /// The caller's environment variables.
    package let environment: [String: String]
    /// The folder the command was started in.
    package let workingDirectory: String
    /// How this process can mount and map ids; nil for commands that never enter namespaces.
    package let mode: NamespaceMode?
    /// Who called, outside of those namespaces.
    package let caller: Caller
    package let console: Console

    /// An absolute path for what the user wrote.
    func absolute(_ path: String) -> String {
        path.hasPrefix("/") ? path : workingDirectory + "/" + path
    }
}

/// A command of `tote`. ArgumentParser parses; `CommandRunner` enters namespaces where needed, then calls `run`.
package protocol ToteSubcommand: Sendable {
    /// Whether the command mounts, unpacks or removes files of other ids.
    var needsNamespace: Bool { get }
    /// Whether signals are passed to a program inside instead of ending the command.
    var handlesSignals: Bool { get }
    var consoleOptions: ConsoleOptions { get }
    func run(_ context: CommandContext) async throws
}

extension ToteSubcommand {
    package var needsNamespace: Bool { false }
    package var handlesSignals: Bool { false }
}

/// A command with the usual options.
package protocol UsualCommand: ToteSubcommand {
    var global: GlobalOptions { get }
}

extension UsualCommand {
    package var consoleOptions: ConsoleOptions { global.console }
}
