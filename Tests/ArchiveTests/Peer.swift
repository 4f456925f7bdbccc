import Archive
import Glibc
import TestSupport
import Testing

/// Another program that reads what is written here, or writes what is read.
enum Peer: String {
    case tar, python3, gzip, zstd

    /// Missing peers skip their tests for a developer and fail them in CI.
    static func canRun(_ peers: Peer...) -> Bool {
        let isCI = getenv("CI").map { String(cString: $0) } == "true"
        return isCI || peers.allSatisfy { $0.isFound }
    }

    private var isFound: Bool {
        let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        return search.split(separator: ":").contains { access("\($0)/\(rawValue)", X_OK) == 0 }
    }

    /// Runs it in a directory; gives its status and everything it printed to both outputs.
    @discardableResult
    func run(_ arguments: [String], in directory: ScratchDirectory) throws -> (status: Int32, output: String) {
        let name = "output-\(UInt64.random(in: 0 ... .max))"
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, directory.path(name), O_WRONLY | O_CREAT | O_EXCL, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // The shell changes the directory; file actions that do are younger than some C libraries.
        let command = ["sh", "-c", "cd \"$0\" && exec \"$@\"", directory.path, rawValue] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        defer { for argument in argv { free(argument) } }
        let search = getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin"
        let variables = ["LC_ALL=C.UTF-8", "PATH=\(search)"]
        var environment: [UnsafeMutablePointer<CChar>?] = variables.map { strdup($0) } + [nil]
        defer { for variable in environment { free(variable) } }
        var child = pid_t()
        let code = posix_spawn(&child, "/bin/sh", &actions, nil, &argv, &environment)
        guard code == 0 else { throw TestSetupError("\(rawValue) did not start: \(String(cString: strerror(code)))") }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        return (status >> 8 & 0xff, String(decoding: try directory.directory.read(name), as: UTF8.self))
    }
}
