import FoundationEssentials
import Glibc
import Testing

/// The launcher is part of every image, so its bytes must not tell where it was built.
@Suite(.enabled(if: getenv("TOTE_FAST_TESTS") == nil, "TOTE_FAST_TESTS leaves slow suites out"))
struct LauncherReproducibilitySlowTests {
    /// The folder of the package that this file belongs to.
    static let package = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    @Test func twoFoldersGiveTheSameBytes() throws {
        let first = try build(in: "a")
        let second = try build(in: "a/longer/name/of/a folder")
        #expect(!first.isEmpty)
        #expect(first == second)
    }

    /// Copies what the launcher is made of to a fresh folder and builds it there as `make` does.
    private func build(in name: String) throws -> Data {
        var template = Array("/tmp/tote-launcher.XXXXXX".utf8CString)
        #expect(mkdtemp(&template) != nil)
        let root = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        defer { try? FileManager.default.removeItem(atPath: root) }
        let folder = "\(root)/\(name)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for item in ["Package.swift", "Sources", "Tests", "Benchmarks", "scripts"]
        where FileManager.default.fileExists(atPath: "\(Self.package)/\(item)") {
            try run("/bin/cp", ["-a", "\(Self.package)/\(item)", folder], in: root)
        }
        // The copies of dependencies that this build has are good for the other one, too: no download.
        try FileManager.default.createDirectory(atPath: "\(folder)/.build", withIntermediateDirectories: true)
        for item in ["repositories", "checkouts", "workspace-state.json"]
        where FileManager.default.fileExists(atPath: "\(Self.package)/.build/\(item)") {
            try run("/bin/cp", ["-a", "\(Self.package)/.build/\(item)", "\(folder)/.build/"], in: root)
        }
        if FileManager.default.fileExists(atPath: "\(Self.package)/Package.resolved") {
            try run("/bin/cp", ["\(Self.package)/Package.resolved", folder], in: root)
        }
        try run("swift", ["build", "-c", "release", "--product", "launcher"], in: folder)
        try run("scripts/finish-launcher", [".build/release/launcher"], in: folder)
        return try Data(contentsOf: URL(filePath: "\(folder)/.build/release/launcher"))
    }

    private struct Failed: Error { var command: String, status: Int32, output: String }

    private func run(_ program: String, _ arguments: [String], in folder: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let log = "\(folder)/command.log"
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        let texts: [String] = ["env", "-C", folder, program] + arguments
        let words = texts.map { strdup($0) }
        defer { for word in words { free(word) } }
        var process: pid_t = 0, status: Int32 = 0
        guard posix_spawn(&process, "/usr/bin/env", &actions, nil, words + [nil], environ) == 0 else {
            throw Failed(command: program, status: -1, output: "could not be started")
        }
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else {
            let output = (try? Data(contentsOf: URL(filePath: log))).map { String(decoding: $0, as: UTF8.self) } ?? ""
            throw Failed(command: "\(program) \(arguments)", status: status, output: String(output.suffix(2000)))
        }
    }
}
