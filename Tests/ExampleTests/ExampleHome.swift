import Archive
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport

/// One user's surroundings for the examples: a `TOTE_HOME`, an empty configuration, and `tote`.
final class ExampleHome: Sendable {
    let scratch: ScratchDirectory

    /// `TOTE_HOME`
    var home: String { scratch.path("tote") }
    /// `XDG_CONFIG_HOME`
    var configuration: String { scratch.path("config") }

    /// - Parameter withBase: whether the base and the builder are there already.
    init(withBase: Bool) async throws {
        // Half a gigabyte: too much for a file system in memory.
        scratch = try ScratchDirectory(in: "/var/tmp")
        for folder in ["config/tote", "user"] { try scratch.makeFolder(folder) }
        if withBase {
            guard mkdir(home, 0o700) == 0 else { throw TestSetupError("no folder for tote") }
            let images = try await BaseFixture.images()
            let copy = try await Program(["cp", "-a", "--reflink=auto", images, home + "/images"]).run()
            guard copy.succeeded else { throw TestSetupError("copying the base failed: \(copy)") }
        }
    }

    /// Does what the first of the fixture's commands would, which takes half a minute.
    func takeBase() async throws {
        let source = try ImageStore(at: try await BaseFixture.images()), store = try store()
        for name in ["debian12-build", "debian12-run"] {
            let reference = try Reference(parsing: name)
            guard let image = try source.image(reference) else { throw TestSetupError("the fixture has no '\(name)'") }
            for blob in image.manifest.blobs { try store.copy(blob, from: source.path(of: blob.digest)) }
            try store.tag(image, [reference])
        }
    }

    deinit {
        // Unpacked layers may belong to subordinate ids, which only tote can remove.
        if geteuid() != 0 { _ = try? command(["prune", "--all"]).start().waitBlocking() }
    }

    /// A command of tote, by default from the folder that holds `Examples`.
    func command(_ arguments: [String], in directory: String = Repository.root) throws -> Program {
        try Self.command(arguments, home: home, configuration: configuration, user: scratch.path("user"), in: directory)
    }

    static func command(_ arguments: [String], home: String, configuration: String, user: String, in directory: String) throws -> Program {
        let variables = [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=\(user)", "TOTE_HOME=\(home)",
            "XDG_CONFIG_HOME=\(configuration)", "NO_COLOR=1", "LC_ALL=C.UTF-8", "SWIFT_BACKTRACE=enable=no",
        ]
        var program = Program(
            [try ToteExecutable.path()] + arguments, environment: variables + Surroundings.inherited, directory: directory)
        // Downloads of Debian and Python packages are among them.
        program.limit = .seconds(1200)
        return program
    }

    func tote(_ arguments: [String], in directory: String = Repository.root) async throws -> ProgramResult {
        try await command(arguments, in: directory).run()
    }

    func tote(_ arguments: String..., in directory: String = Repository.root) async throws -> ProgramResult {
        try await tote(arguments, in: directory)
    }

    func store() throws -> ImageStore { try ImageStore(at: home + "/images") }

    /// The image of that name, which must be in the store.
    func image(_ name: String) throws -> Image {
        guard let image = try store().image(try Reference(parsing: name)) else { throw TestSetupError("there is no image '\(name)'") }
        return image
    }

    /// Runs `tote run` with these arguments, asks the page of `port` until it comes, and ends the app by Control-C's signal.
    func page(port: Int, running arguments: [String], in directory: String = Repository.root) async throws -> ServedPage {
        let app = try command(["run"] + arguments, in: directory).start()
        let deadline = ContinuousClock.now + .seconds(120)
        var text = ""
        while text.isEmpty, app.isRunning, ContinuousClock.now < deadline {
            let answer = try await Program([
                "curl", "--silent", "--fail", "--noproxy", "*", "--max-time", "20", "http://localhost:\(port)/",
            ]).run()
            text = answer.succeeded ? answer.out : ""
            if text.isEmpty { try await Task.sleep(for: .milliseconds(100)) }
        }
        app.signal(SIGINT)
        return ServedPage(text: text, end: try await app.wait(limit: .seconds(60)))
    }
}

/// What an app answered over HTTP and how it ended.
struct ServedPage: Sendable {
    var text: String
    var end: ProgramResult
}

extension ProgramResult {
    /// The warnings of tote: an example has none.
    var warnings: [String] { errorLines.filter { $0.hasPrefix("Warning:") } }

    /// What it told, with digests, sizes and times replaced by `…` and without the layers that it unpacked.
    var story: [String] {
        errorLines.filter { !$0.hasPrefix("Unpacking ") }.map { line in
            line.replacing(/sha256:[0-9a-f]{64}/, with: "sha256:…").replacing(/^(  size: +).*/) { "\($0.1)…" }
                .replacing(/^((?:  layers:|         )  .*  (?:new|reused) +).*/) { "\($0.1)…" }
        }
    }
}
