import FoundationEssentials
import Glibc
import Synchronization
import TestSupport

/// The base `debian12` and the builder `my-builder` of the examples, made by the commands of the README once for all tests.
///
/// Making them takes minutes, so they stay in `.build/test-data` for the rest of the day; in CI they are always made anew.
enum BaseFixture {
    /// An image store to copy.
    static func images() async throws -> String { try await making.value }

    private static let folder = Repository.path(".build/test-data")
    private static let making = Task { try await make() }
    private static let temporary = Mutex("")

    private static func make() async throws -> String {
        guard !Surroundings.isCI else {
            let scratch = try ScratchDirectory(in: "/var/tmp")
            let path = scratch.path
            temporary.withLock { $0 = path }
            // Statics are never released.
            atexit { BaseFixture.temporary.withLock { try? FileManager.default.removeItem(atPath: $0) } }
            lasting.withLock { $0 = scratch }
            try await make(in: path + "/tote")
            return path + "/tote/images"
        }
        let made = "\(folder)/base-\(today)-\(geteuid())"
        try await makeFolder(folder)
        let lock = try await FileLock(folder + "/lock")
        defer { lock.release() }
        if !Peer.exists(made) {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix("base-") {
                try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
            }
            let unfinished = made + ".unfinished"
            try await make(in: unfinished)
            guard rename(unfinished, made) == 0 else { throw TestSetupError("'\(made)': \(String(cString: strerror(errno)))") }
        }
        return made + "/images"
    }

    private static let lasting = Mutex<ScratchDirectory?>(nil)

    /// The first two commands of the README's session.
    private static func make(in home: String) async throws {
        let commands = [
            ["base", "create", "debian12", "--suite", "bookworm"] + Surroundings.certificateOptions,
            ["builder", "create", "my-builder", "--config", "Examples/builder/builder.toml"],
        ]
        let user = try ScratchDirectory()
        for arguments in commands {
            let program = try ExampleHome.command(
                arguments, home: home, configuration: user.path("config"), user: user.path, in: Repository.root)
            let result = try await program.run()
            guard result.succeeded else { throw TestSetupError("tote \(arguments.joined(separator: " ")) failed: \(result)") }
        }
    }

    private static func makeFolder(_ path: String) async throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    private static var today: String { String(Date.now.formatted(.iso8601).prefix(10)) }
}

/// A lock between processes of tests, released at the latest when this one ends.
private final class FileLock: Sendable {
    private let descriptor: Int32

    init(_ path: String) async throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw TestSetupError("'\(path)': \(String(cString: strerror(errno)))") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 { try await Task.sleep(for: .milliseconds(200)) }
    }

    func release() { flock(descriptor, LOCK_UN) }

    deinit { close(descriptor) }
}
