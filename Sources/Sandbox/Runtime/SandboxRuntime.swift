/// Something that can run a command in a root file system, cut off from the rest of the machine.
package protocol SandboxRuntime: Sendable {
    /// Finds out whether it can work here; nil when it is not installed.
    static func probe() throws -> Self?

    /// Runs one command and returns when it and everything that it started is dead.
    ///
    /// Cancelling the task kills the command at once; `CancellationError` is thrown when all of it is dead. `signals` are passed on to the command.
    func run(_ command: SandboxCommand, in root: SandboxRoot, output: SandboxOutput, signals: AsyncStream<Int32>?) async throws
        -> SandboxExit
}

extension SandboxRuntime {
    package func run(_ command: SandboxCommand, in root: SandboxRoot, output: SandboxOutput) async throws -> SandboxExit {
        try await run(command, in: root, output: output, signals: nil)
    }
}
