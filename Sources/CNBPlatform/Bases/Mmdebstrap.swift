import Diagnostics
import Subprocess

/// Runs mmdebstrap.
enum Mmdebstrap {
    /// How many of the last lines are kept for an error.
    private static let keptLines = 40

    /// Runs to the end; each line that mmdebstrap prints goes to `output` at once. A cancelled task ends mmdebstrap, which
    /// then removes its own temporary files.
    static func run(_ command: MmdebstrapCommand, kind: BaseImageKind, output: @Sendable (String) -> Void) async throws {
        var options = PlatformOptions()
        // Time to unmount and to remove its temporary files.
        options.teardownSequence = [.send(signal: .terminate, toProcessGroup: false, allowedDurationToNextStep: .seconds(20))]
        let environment = command.environment.reduce(into: [Environment.Key: String]()) { variables, entry in
            if let key = Environment.Key(rawValue: entry.key) { variables[key] = entry.value }
        }
        let result: ExecutionResult<[String], DiscardedOutput, SequenceOutput>
        do {
            result = try await Subprocess.run(
                .name("mmdebstrap"), arguments: Arguments(command.arguments), environment: .custom(environment), platformOptions: options,
                input: .none, output: .discarded, error: .sequence
            ) { execution in
                var last: [String] = []
                for try await line in execution.standardError.strings() {
                    let line = DebianControl.trimmed(line[...])
                    guard !line.isEmpty else { continue }
                    output(line)
                    last.append(line)
                    if last.count > keptLines { last.removeFirst() }
                }
                return last
            }
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw Fault("a base is made with mmdebstrap, which is not installed", hint: "install it: sudo apt-get install mmdebstrap")
        }
        try Task.checkCancellation()
        guard result.terminationStatus.isSuccess else {
            throw MmdebstrapFailure.fault(kind: kind, end: "\(result.terminationStatus)", lines: result.closureResult)
        }
    }

    /// What `apt-config dump` prints; nil where there is no apt.
    static func aptSettings() async -> String? {
        let result = try? await Subprocess.run(.name("apt-config"), arguments: ["dump"], output: .string(limit: 4 << 20), error: .discarded)
        return result?.standardOutput
    }
}
