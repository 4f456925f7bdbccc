import FoundationEssentials
import Glibc

/// A fresh directory with `layers` and `app` in it, in which the launcher executable runs. Removed with the value.
final class LaunchTree {
    let root: String
    var layers: String { "\(root)/layers" }
    var app: String { "\(root)/app" }

    /// The launcher stands beside the test executable.
    static let launcher: String = {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count)
        let path = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        return URL(filePath: path).deletingLastPathComponent().appending(path: "launcher").path
    }()

    struct Unusable: Error { var what: String }

    init(metadata: String = "processes = []") throws {
        var template = Array("/tmp/tote-launch.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Unusable(what: "mkdtemp") }
        root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        try write("app/hello.txt", "hello\n")
        try write("layers/config/metadata.toml", metadata)
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    /// Makes a file and the directories above it; `#!` files are executable.
    func write(_ path: String, _ text: String) throws {
        let full = "\(root)/\(path)"
        try FileManager.default.createDirectory(
            atPath: URL(filePath: full).deletingLastPathComponent().path, withIntermediateDirectories: true)
        guard text.hasPrefix("#!") else { return try Data(text.utf8).write(to: URL(filePath: full)) }
        // Put in place by another process: a descriptor of ours, inherited for a moment by a program that another test starts, would
        // make the file "busy" and its execution fail.
        let draft = "\(root)/draft"
        try Data(text.utf8).write(to: URL(filePath: draft))
        try Self.install(draft, at: full)
    }

    private static func install(_ source: String, at target: String) throws {
        let words: [String] = ["install", "-m", "755", source, target]
        let arguments = words.map { strdup($0) }
        defer { for argument in arguments { free(argument) } }
        var process: pid_t = 0, status: Int32 = 0
        guard posix_spawn(&process, "/usr/bin/install", nil, nil, arguments + [nil], environ) == 0 else { throw Unusable(what: "install") }
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Unusable(what: "install \(target)") }
    }

    func link(_ path: String, to target: String) throws {
        guard symlink(target, "\(root)/\(path)") == 0 else { throw Unusable(what: "symlink") }
    }

    struct Outcome: Equatable {
        var status: Int32
        var output: String
        var errors = ""
        var process: pid_t = 0
    }

    /// Runs the launcher under the name `called` with exactly this environment, and `/bin:/usr/bin` as its PATH.
    func run(
        _ called: String = "/cnb/lifecycle/launcher", _ arguments: [String] = [], environment: [String: String] = [:],
        raw: [[UInt8]] = [], api: String? = "0.15"
    ) throws -> Outcome {
        var variables = ["PATH": "/usr/bin:/bin", "CNB_LAYERS_DIR": layers, "CNB_APP_DIR": app]
        variables["CNB_PLATFORM_API"] = api
        variables.merge(environment) { $1 }
        let number = runs
        runs += 1
        let (output, errors) = ("\(root)/output.\(number)", "\(root)/errors.\(number)")
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "\(root)/app/hello.txt", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, O_WRONLY | O_CREAT, 0o600)
        posix_spawn_file_actions_addopen(&actions, 9, "/dev/null", O_RDONLY, 0)  // stands for what a container runtime leaks
        let argv = ([called] + arguments).map { strdup($0) } + raw.map { strndup($0.map { CChar(bitPattern: $0) }, $0.count) }
        let environ = variables.map { strdup("\($0)=\($1)") }
        defer { for text in argv + environ { free(text) } }
        var process: pid_t = 0
        let error = posix_spawn(&process, Self.launcher, &actions, nil, argv + [nil], environ + [nil])
        guard error == 0 else { throw Unusable(what: "\(Self.launcher): \(String(cString: strerror(error)))") }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        let isExit = status & 0x7F == 0
        return Outcome(
            status: isExit ? status >> 8 & 0xFF : 128 + (status & 0x7F),
            output: String(decoding: try Data(contentsOf: URL(filePath: output)), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: URL(filePath: errors)), as: UTF8.self), process: process)
    }

    private var runs = 0
}
