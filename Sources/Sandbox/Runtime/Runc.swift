import Diagnostics

/// https://github.com/opencontainers/runc
package struct Runc: SandboxRuntime {
    private let program: OCIProgram

    package static func probe() throws -> Runc? {
        guard let path = ProgramSearch.find("runc") else { return nil }
        // It makes cgroups of its own, and as an ordinary user it must be told that it may fail to.
        let options = ["--log-format", "json"] + (OverlayAttributes.areUnprivileged ? ["--rootless=true"] : [])
        return Runc(program: OCIProgram(path: path, options: options, needsDeletion: true))
    }

    package func run(_ command: SandboxCommand, in root: SandboxRoot, output: SandboxOutput, signals: AsyncStream<Int32>?) async throws
        -> SandboxExit
    {
        // It insists on a user 0 inside each user namespace, which would be a second id.
        guard root.mode != .single || (command.user == 0 && command.group == 0) else {
            throw Fault(
                "runc cannot run a command as user \(command.user) where only one user id exists",
                hint: "install crun, which can (`sudo apt-get install crun`), or give this user subordinate ids")
        }
        return try await program.run(command, in: root, output: output, signals: signals)
    }
}
