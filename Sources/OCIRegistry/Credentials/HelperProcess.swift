import CLinux
import Diagnostics
import Glibc
import Synchronization

/// One running credential helper. All calls block.
struct HelperProcess: ~Copyable {
    private let id: pid_t
    private let connection: Int32

    init(_ arguments: [String], input: String, environment: [String: String]) throws(Fault) {
        // A socket rather than two pipes: it is born with the flag that keeps it from other children.
        var ends: [Int32] = [-1, -1]
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw Fault(system: "making a socket pair") }
        defer { close(ends[1]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 0)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        // The connections of this process, which are not marked as private, are none of its business.
        _ = clinux_spawn_close_from(&actions, 3)
        // What it says could hold a secret.
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // The threads of a Swift program block most signals, and a broker ignores some; children would inherit that.
        var none = sigset_t(), all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
        defer { for text in argv + variables { free(text) } }
        var id: pid_t = 0
        let status = posix_spawn(&id, arguments[0], &actions, &attributes, &argv, &variables)
        guard status == 0 else {
            close(ends[0])
            throw Fault(system: "starting the credential helper '\(arguments[0])'", code: status)
        }
        self.id = id
        connection = ends[0]
        // It may be gone without having read; then its answer says why. The name of a registry fits the buffer.
        _ = send(connection, input, input.utf8.count, Int32(MSG_NOSIGNAL))
        shutdown(connection, Int32(SHUT_WR))
    }

    deinit { close(connection) }

    /// Reads all that it writes and waits for its end. However this ends, the process is gone.
    func output(of program: String, within limit: Duration, unless cancelled: CancellationFlag) throws -> CredentialHelperOutput {
        let deadline = ContinuousClock.now + limit
        do {
            let bytes = try read(program, until: deadline, cancelled)
            while true {
                var status: Int32 = 0
                let ended = waitpid(id, &status, WNOHANG)
                if ended == id { return CredentialHelperOutput(exitStatus: Self.exitStatus(status), output: bytes) }
                guard ended == 0 || errno == EINTR else { throw Fault(system: "waiting for the credential helper '\(program)'") }
                try check(program, deadline, cancelled)
                usleep(2000)
            }
        } catch {
            kill(id, SIGKILL)
            var status: Int32 = 0
            while waitpid(id, &status, 0) < 0, errno == EINTR {}
            throw error
        }
    }

    private func read(_ program: String, until deadline: ContinuousClock.Instant, _ cancelled: CancellationFlag) throws -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            try check(program, deadline, cancelled)
            var waiting = pollfd(fd: connection, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, 50) > 0 else { continue }
            let count = Glibc.read(connection, &piece, piece.count)
            if count < 0, errno == EINTR { continue }
            // Reset: it ended without having read what it was asked.
            if count < 0, errno == ECONNRESET { return bytes }
            guard count >= 0 else { throw Fault(system: "reading from the credential helper '\(program)'") }
            if count == 0 { return bytes }
            bytes += piece[..<count]
            guard bytes.count <= HelperProgram.outputLimit else {
                throw Fault("the credential helper '\(program)' writes more than any credential has")
            }
        }
    }

    private func check(_ program: String, _ deadline: ContinuousClock.Instant, _ cancelled: CancellationFlag) throws {
        if cancelled.value.withLock({ $0 }) { throw CancellationError() }
        if .now >= deadline { throw Fault("the credential helper '\(program)' did not answer in time") }
    }

    private static func exitStatus(_ status: Int32) -> Int32 {
        let signal = status & 0x7f
        return signal == 0 ? (status >> 8) & 0xff : 128 + signal
    }
}
