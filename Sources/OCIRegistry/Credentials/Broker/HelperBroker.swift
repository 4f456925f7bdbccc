import CLinux
package import Diagnostics
import Dispatch
import Glibc
import Synchronization

/// Runs credential helpers in a process that was forked before tote entered its namespaces: as the caller, with the caller's
/// files, agents and terminal, which a helper program needs.
///
/// That process sleeps until it is asked, and ends when this one does. Should it die, requests fail; nothing waits for it.
package final class HelperBroker: CredentialHelper {
    private let connection: HelperConnection
    private let timeLimit: Duration
    private let state = Mutex(State())

    private struct State {
        var isReading = false
        var isOver = false
        var lastID: UInt32 = 0
        var waiting: [UInt32: CheckedContinuation<CredentialHelperOutput, any Error>] = [:]
    }

    init(_ connection: HelperConnection, timeLimit: Duration) {
        self.connection = connection
        self.timeLimit = timeLimit
    }

    /// Starts the process. Call it while this process has one thread, and outside of new namespaces.
    ///
    /// - Parameters:
    ///   - environment: what the programs get, see ``HelperProgram``.
    ///   - timeLimit: for one program, from its start.
    package static func start(environment: [String: String], timeLimit: Duration = .seconds(60)) throws(Fault) -> HelperBroker {
        let ends = try HelperConnection.pair()
        // What is buffered would be written by both.
        fflush(nil)
        let child = clinux_fork()
        guard child >= 0 else {
            let fault = Fault(system: "starting a process for credential helpers")
            close(ends.tote)
            close(ends.broker)
            throw fault
        }
        guard child == 0 else {
            close(ends.broker)
            return HelperBroker(HelperConnection(ends.tote), timeLimit: timeLimit)
        }
        // With the other end open here, the broker would never see that tote has ended.
        close(ends.tote)
        HelperBrokerService(HelperConnection(ends.broker), HelperProgram(environment: environment, timeLimit: timeLimit)).run()
    }

    /// The socket: a process that holds it keeps the broker alive.
    package var descriptor: Int32 { connection.descriptor }

    package func run(_ program: String, server: String) async throws -> CredentialHelperOutput {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        // The broker keeps the limit; this is for the case that it does not.
        let watch = Task {
            try await Task.sleep(for: timeLimit + .seconds(5))
            finish(id, .failure(Fault("the credential helper '\(program)' did not answer in time")))
        }
        defer { watch.cancel() }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isOver = state.withLock { state in
                    if !state.isOver { state.waiting[id] = continuation }
                    return state.isOver
                }
                guard !isOver else { return continuation.resume(throwing: Self.gone) }
                startReading()
                // Its end is also seen by who reads, but not when it came before the first request.
                if !connection.send(.run(id: id, program: program, server: server)) { finish(id, .failure(Self.gone)) }
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private static let gone = Fault("credential helpers cannot be asked: the process that runs them has ended")

    private func cancel(_ id: UInt32) {
        if finish(id, .failure(CancellationError())) { connection.send(.cancel(id: id)) }
    }

    /// False when it was finished before.
    @discardableResult
    private func finish(_ id: UInt32, _ result: Result<CredentialHelperOutput, any Error>) -> Bool {
        guard let continuation = state.withLock({ $0.waiting.removeValue(forKey: id) }) else { return false }
        continuation.resume(with: result)
        return true
    }

    /// From the first request on, one thread waits for answers.
    private func startReading() {
        let isFirst = state.withLock { state in
            defer { state.isReading = true }
            return !state.isReading
        }
        if isFirst { DispatchQueue(label: "credential helpers").async { self.read() } }
    }

    private func read() {
        loop: while let message = connection.receive() {
            switch message {
            case .output(let id, let output): finish(id, .success(output))
            case .failure(let id, let message, let hint): finish(id, .failure(Fault(message, hint: hint)))
            case .run, .cancel: break loop
            }
        }
        let left = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [:] }
            return state.waiting
        }
        for continuation in left.values { continuation.resume(throwing: Self.gone) }
    }
}
