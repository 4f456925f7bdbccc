import Diagnostics
import Glibc
import Synchronization

/// The broker's side: runs the programs that tote asks for, as children of this process.
struct HelperBrokerService: Sendable {
    private let connection: HelperConnection
    private let helper: HelperProgram
    private let running = RunningHelpers()

    init(_ connection: HelperConnection, _ helper: HelperProgram) {
        self.connection = connection
        self.helper = helper
    }

    /// The whole life of a process that was forked for this: it ends when nobody is left to answer.
    func run() -> Never {
        // The terminal's signals are for tote, which then hangs up, and for the helpers, which may ask for a passphrase.
        for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGPIPE] { signal(number, SIG_IGN) }
        // Who reads what tote writes must not wait for this process.
        let nowhere = open("/dev/null", O_RDWR | O_CLOEXEC)
        for number: Int32 in 0...2 where nowhere >= 0 && number != connection.descriptor { dup2(nowhere, number) }
        serve()
        _exit(0)
    }

    /// Answers until the other end hangs up. No helper is left running then.
    func serve() {
        loop: while let message = connection.receive() {
            switch message {
            case .run(let id, let program, let server): running.start(id) { await answer(id, program, server) }
            case .cancel(let id): running.cancel(id)
            case .output, .failure: break loop
            }
        }
        running.end()
    }

    private func answer(_ id: UInt32, _ program: String, _ server: String) async {
        do {
            // The other end is tote; still, nothing else is ever run on its word.
            guard program.hasPrefix("docker-credential-") else { throw Fault("'\(program)' is not a credential helper") }
            connection.send(.output(id: id, try await helper.run(program, server: server)))
        } catch let fault as Fault {
            connection.send(.failure(id: id, message: fault.message, hint: fault.hint))
        } catch {
            connection.send(.failure(id: id, message: "the credential helper '\(program)' was stopped", hint: nil))
        }
    }
}

/// The helpers at work, by the number of their request.
private final class RunningHelpers: Sendable {
    private let tasks = Mutex<[UInt32: Task<Void, Never>]>([:])

    func start(_ id: UInt32, _ work: @escaping @Sendable () async -> Void) {
        tasks.withLock { tasks in
            tasks[id] = Task.detached {
                await work()
                self.tasks.withLock { _ = $0.removeValue(forKey: id) }
            }
        }
    }

    func cancel(_ id: UInt32) { tasks.withLock { $0[id] }?.cancel() }

    /// Cancels all and waits until they are gone, but not for ever.
    func end() {
        tasks.withLock { Array($0.values) }.forEach { $0.cancel() }
        for _ in 0..<200 where !tasks.withLock({ $0.isEmpty }) { usleep(10_000) }
    }
}
