import FoundationEssentials
import Glibc
import Synchronization
import TestSupport

/// The base `debian12` and the builder `my-builder` of the examples, made once for all tests by the first commands of the README's
/// session.
///
/// That takes minutes, so they stay in `.build/test-data` for the rest of the day. In CI they are made anew.
enum BaseFixture {
    /// What makes the base.
    static let baseCommand = ["base", "create", "debian12", "--suite", "bookworm"]

    /// An image store to copy.
    static func images() async throws -> String { try await making.value }

    private static let making = Task { Surroundings.isCI ? try await makeForThisRun() : try await makeForToday() }
    private static let kept = Mutex<ScratchDirectory?>(nil)

    private static func makeForThisRun() async throws -> String {
        let scratch = try ScratchDirectory(in: "/var/tmp")
        kept.withLock { $0 = scratch }
        // Statics are never released.
        atexit { BaseFixture.kept.withLock { $0 = nil } }
        try await make(home: scratch.path("tote"))
        return scratch.path("tote/images")
    }

    private static func makeForToday() async throws -> String {
        let folder = Repository.path(".build/test-data")
        let today = "base-\(Date.now.formatted(.iso8601).prefix(10))-\(geteuid())"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let lock = try await FileLock("\(folder)/lock-\(geteuid())")
        defer { lock.release() }
        if !Peer.exists("\(folder)/\(today)") {
            for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix("base-") {
                try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
            let unfinished = "\(folder)/\(today)-unfinished"
            try await make(home: unfinished)
            guard rename(unfinished, "\(folder)/\(today)") == 0 else { throw TestSetupError("'\(unfinished)' cannot be renamed") }
        }
        return "\(folder)/\(today)/images"
    }

    private static func make(home: String) async throws {
        let user = try ScratchDirectory()
        for arguments in [
            baseCommand + Surroundings.certificateOptions,
            ["builder", "create", "my-builder", "--config", "Examples/builder/builder.toml"],
        ] {
            let program = try ExampleHome.command(
                arguments, home: home, configuration: user.path("config"), user: user.path, in: Repository.root)
            // It waits for the network most of the time, so it takes nobody's turn.
            let result = try await program.start().wait(limit: program.limit)
            guard result.succeeded else { throw TestSetupError("tote \(arguments.joined(separator: " ")) failed: \(result)") }
        }
    }
}

/// A lock between processes.
private final class FileLock: Sendable {
    private let descriptor: Int32

    init(_ path: String) async throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TestSetupError("'\(path)' cannot be opened: \(String(cString: strerror(errno)))") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 { try await Task.sleep(for: .milliseconds(200)) }
    }

    func release() { flock(descriptor, LOCK_UN) }

    deinit { close(descriptor) }
}
