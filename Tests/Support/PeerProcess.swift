import CLinux
import Glibc

/// A server of someone else's, running for as long as this object lives.
///
/// It ends with the tests even when they crash: a shell waits for the end of a connection that only this process holds open.
package final class PeerProcess: Sendable {
    /// The shell; the server is its only child.
    private let shell: pid_t
    private let lifeline: Int32

    /// Starts `arguments` with all output going to the file `log`.
    package init(_ arguments: [String], log: String) throws {
        var ends: [Int32] = [0, 0]
        // Neither end may reach other children, which would keep the server alive. A pipe would get that flag only after it was
        // made, too late for a child that another thread starts meanwhile; a socket is born with it.
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        guard socketpair(AF_UNIX, type, 0, &ends) == 0 else { throw TestSetupError("no socket pair: \(String(cString: strerror(errno)))") }
        defer { close(ends[0]) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[0], 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // It would keep connections of the tests open that they have closed.
        _ = clinux_spawn_close_from(&actions, 3)
        // The threads of a Swift program block most signals, and a shell that never hears SIGCHLD waits for ever.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        let script = #""$@" < /dev/null & server=$!; read -r _; kill -9 "$server"; wait "$server""#
        let words = ["sh", "-c", script, "sh"] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) } + [nil]
        defer { for word in argv { free(word) } }
        var id: pid_t = 0
        let status = posix_spawn(&id, "/bin/sh", &actions, &attributes, &argv, environ)
        guard status == 0 else {
            close(ends[1])
            throw TestSetupError("'\(arguments.joined(separator: " "))' does not start: \(String(cString: strerror(status)))")
        }
        shell = id
        lifeline = ends[1]
    }

    deinit {
        close(lifeline)
        var status: Int32 = 0
        while waitpid(shell, &status, 0) < 0, errno == EINTR {}
    }
}
