import Diagnostics
import Glibc
import NIOPosix
import Synchronization

/// Runs credential helpers as children of this process.
package struct HelperProgram: CredentialHelper {
    /// The most that is read of its output.
    static let outputLimit = 1 << 20

    private let environment: [String: String]
    private let timeLimit: Duration

    /// `environment` is what the programs get, and its PATH is where they are looked for. A helper may ask the user for a
    /// passphrase, so the limit is generous.
    package init(environment: [String: String], timeLimit: Duration = .seconds(60)) {
        // They are asked for what only they know.
        self.environment = environment.filter { $0.key != RegistryAuthVariable.name }
        self.timeLimit = timeLimit
    }

    package func run(_ program: String, server: String) async throws -> CredentialHelperOutput {
        guard let path = path(of: program) else {
            throw Fault("the credential helper '\(program)' is not installed", hint: "install it, or remove its name from the file")
        }
        let isCancelled = CancellationFlag()
        return try await withTaskCancellationHandler {
            // It may take long, and the threads that run tasks are few.
            try await NIOThreadPool.singleton.runIfActive {
                let child = try HelperProcess([path, "get"], input: server, environment: environment)
                return try child.output(of: program, within: timeLimit, unless: isCancelled)
            }
        } onCancel: {
            isCancelled.value.withLock { $0 = true }
        }
    }

    private func path(of program: String) -> String? {
        guard !program.contains("/") else { return nil }
        let folders = (environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin").split(separator: ":")
        return folders.filter { $0.hasPrefix("/") }.map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }
}

/// Variables may hold secrets (S-3).
extension HelperProgram: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: []) }
}

final class CancellationFlag: Sendable {
    let value = Mutex(false)
}
