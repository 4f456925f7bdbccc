import Archive
import CNBSpec
import Diagnostics
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct BaseCreationTests {
    private func create(_ scratch: ScratchDirectory, script: String, store: ImageStore, name: String = "debian12") async throws
        -> CreatedBase
    {
        let fake = try FakeMmdebstrap(in: scratch, script: script)
        let work = scratch.path("work-\(name)")
        mkdir(work, 0o700)
        let creation = BaseCreation(store: store, scratch: work, environment: fake.environment)
        return try await creation.create(
            BaseRequest(name: Reference(parsing: name), suite: "bookworm", mirror: "http://mirror.example/debian"))
    }

    private static let copies = "cp \"$0.$kind\" \"$target\"; echo 'I: done' >&2"

    @Test(.enabled(if: geteuid() == 0, "an ordinary user needs subordinate ids"))
    func twoImagesInTheStore() async throws {
        let scratch = try ScratchDirectory()
        let store = try ImageStore(at: scratch.path("images"))
        mkdir(scratch.path("bin"), 0o755)
        for kind in ["build", "run"] { try FakeRootFilesystem().write(to: scratch.path("bin/mmdebstrap.\(kind)")) }
        let base = try await create(scratch, script: Self.copies, store: store)
        #expect(base.build.reference.familiar == "debian12-build")
        #expect(base.system == "Debian GNU/Linux 12 (bookworm)")
        let build = try #require(try store.image(base.build.reference))
        #expect(build.digest == base.build.digest)
        #expect(build.layers.count == 1)
        #expect(build.config.history.count == 1)
        let run = try #require(try store.image(base.run.reference))
        #expect(run.config.settings.labels[LabelName.distroVersion] == "12")
        #expect(try store.validate().isEmpty)
        #expect(scratch.text("arguments-build").contains("curl"))
        #expect(!scratch.text("environment-run").contains("SECRET"))
        #expect(scratch.text("environment-run").contains("http_proxy="))

        // Another machine on another day: the same images.
        for kind in ["build", "run"] { try FakeRootFilesystem(variant: 7).write(to: scratch.path("bin/mmdebstrap.\(kind)")) }
        let again = try await create(scratch, script: Self.copies, store: store, name: "again")
        #expect(again.build.digest == base.build.digest)
        #expect(again.run.digest == base.run.digest)
    }

    @Test(.enabled(if: geteuid() == 0, "an ordinary user needs subordinate ids"))
    func differentVersionsAreRefused() async throws {
        let scratch = try ScratchDirectory()
        let store = try ImageStore(at: scratch.path("images"))
        mkdir(scratch.path("bin"), 0o755)
        try FakeRootFilesystem().write(to: scratch.path("bin/mmdebstrap.build"))
        try FakeRootFilesystem(version: "3.11.2-6").write(to: scratch.path("bin/mmdebstrap.run"))
        let fault = try await #require(throws: Fault.self) { try await create(scratch, script: Self.copies, store: store) }
        #expect(fault.message.contains("python3 (3.11.2-1 and 3.11.2-6)"))
        #expect(try store.list().isEmpty)
    }

    @Test(.enabled(if: geteuid() == 0, "an ordinary user needs subordinate ids"))
    func aFailureShowsTheLastLines() async throws {
        let scratch = try ScratchDirectory()
        let store = try ImageStore(at: scratch.path("images"))
        let fault = try await #require(throws: Fault.self) {
            try await create(scratch, script: "echo 'E: Unable to locate package nosuch' >&2; exit 25", store: store)
        }
        #expect(fault.message.contains("Unable to locate package nosuch"))
        #expect(fault.hint?.contains("--package") == true)
        #expect(try store.list().isEmpty)
    }

    /// The real thing, twice: some minutes, and packages from a mirror.
    @Test(.enabled(if: isSlowRun && Peer.isThere("mmdebstrap"), "set TOTE_SLOW_TESTS to make a real base"))
    func realPackagesGiveTheSameDigestTwice() async throws {
        let disk = try WorkFolder()
        defer { disk.remove() }
        let store = try ImageStore(at: "\(disk.path)/images")
        var digests: [[Digest]] = []
        for name in ["one", "two"] {
            let work = "\(disk.path)/\(name)"
            mkdir(work, 0o700)
            let environment = ["PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/bin:/bin", "HOME": disk.path]
            let base = try await BaseCreation(store: store, scratch: work, environment: environment)
                .create(BaseRequest(name: Reference(parsing: name), suite: "bookworm"))
            digests.append([base.build.digest, base.run.digest])
        }
        #expect(digests[0] == digests[1])
        #expect(try store.validate().isEmpty)
    }

    private static var isSlowRun: Bool {
        getenv("TOTE_SLOW_TESTS") != nil || getenv("CI").map { String(cString: $0) } == "true"
    }
}

/// A folder on the disk, for what is too big for tmpfs.
private struct WorkFolder {
    let path: String

    init() throws {
        var template = Array("/tmp/tote-base-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestSetupError("no folder in /tmp") }
        path = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    func remove() { try? FileManager.default.removeItem(atPath: path) }
}
