import Diagnostics
import FoundationEssentials
import Glibc

/// A program with the command line that OCI runtimes share.
struct OCIProgram: Sendable {
    let path: String
    /// Before the subcommand.
    let options: [String]
    /// Whether a run that was killed leaves something outside of the state folder (cgroups) that `delete` removes.
    let needsDeletion: Bool
    /// Whether it mounts the root again and forgets that it was nosuid and nodev.
    var forgetsRestrictions = false

    func run(_ command: SandboxCommand, in root: SandboxRoot, output: SandboxOutput, signals: AsyncStream<Int32>?) async throws
        -> SandboxExit
    {
        try Task.checkCancellation()
        if command.network == .host { try root.bindNetworkFiles() }
        let bundle = try UniqueFolder.create(in: root.folder, prefix: "run-", mode: 0o700)
        defer { try? LockedFolder.removeTree(bundle) }
        var configuration = RuntimeConfiguration(command, rootPath: root.mountPoint, mode: root.mode)
        if forgetsRestrictions { configuration.restrictRootAgain() }
        try write(JSONEncoder().encode(configuration), to: bundle + "/config.json")

        let name = "tote-" + (bundle.split(separator: "-").last ?? "")
        let log = bundle + "/log"
        // With a terminal, crun takes what a quick command wrote for something to log: it must go to the terminal, too.
        let start = [path] + options + ["--root", bundle + "/state"] + (command.terminal ? [] : ["--log", log])
        let child = try ChildProcess(
            arguments: start + ["run", "--bundle", bundle, name], newSession: !command.terminal, nullInput: command.standardInput == .null,
            output: output)
        let forwarding = signals.map { signals in Task { for await signal in signals { child.send(signal) } } }
        defer { forwarding?.cancel() }
        let end = await withTaskCancellationHandler {
            await child.end()
        } onCancel: {
            child.killTree()
        }
        if Task.isCancelled {
            if needsDeletion { _ = await (try? ChildProcess(arguments: start + ["delete", "--force", name], output: .capture))?.end() }
            throw CancellationError()
        }
        var exit = end
        if Self.failures.contains(end.code),
            let reason = RuntimeLog.error(in: SmallFile.read(log) ?? "") ?? MissingInterpreter.of(command, in: root.directory)
        {
            exit.status = .notStarted(reason)
        }
        return exit
    }

    /// The statuses of runtimes that could not do what they were told; a command may end with the same.
    private static let failures: Set<Int32> = [1, 126, 127, 255]

    private func write(_ data: Data, to path: String) throws {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw Fault(system: "creating '\(path)'") }
        defer { close(file) }
        let bytes = Array(data)
        guard Glibc.write(file, bytes, bytes.count) == bytes.count else { throw Fault(system: "writing '\(path)'") }
    }
}

/// What a runtime says about itself: plain lines, which are errors, or one JSON object a line with a level.
enum RuntimeLog {
    private struct Entry: Decodable {
        var msg: String
        var level: String
    }

    /// The last error, or nil when the runtime itself had none.
    static func error(in text: String) -> String? {
        text.split(separator: "\n").compactMap { line -> String? in
            guard line.hasPrefix("{"), let entry = try? JSONDecoder().decode(Entry.self, from: Data(line.utf8)) else { return String(line) }
            return entry.level == "error" || entry.level == "fatal" ? entry.msg : nil
        }.last
    }
}
