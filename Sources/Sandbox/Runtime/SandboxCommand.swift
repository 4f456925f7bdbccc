/// One command in a ``SandboxRoot``.
package struct SandboxCommand: Sendable {
    package enum Network: Equatable, Sendable {
        /// The host's own, with the host's resolv.conf and hosts file.
        case host
        /// Nothing but a loopback interface.
        case none
    }

    package enum StandardInput: Equatable, Sendable {
        case null, inherit
    }

    /// The program, looked for in the PATH of `environment` unless it has a slash, and its arguments.
    package var arguments: [String]
    /// `NAME=value`, complete.
    package var environment: [String]
    package var workingDirectory: String
    package var user: UInt32
    package var group: UInt32
    package var additionalGroups: [UInt32] = []
    package var network = Network.host
    package var hostname = "tote"
    /// A terminal of its own, connected to that of tote. Standard input must be a terminal then, and the output inherited.
    package var terminal = false
    package var standardInput = StandardInput.null
    /// Absolute paths that the command cannot change, whoever owns them.
    package var readOnlyPaths: [String] = []

    package init(arguments: [String], environment: [String] = [], workingDirectory: String = "/", user: UInt32, group: UInt32) {
        self.arguments = arguments
        self.environment = environment
        self.workingDirectory = workingDirectory
        self.user = user
        self.group = group
    }
}
