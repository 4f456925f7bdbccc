import OCIImage
import TestSupport
import Testing

/// What the README of Examples/python-uv promises.
@Suite(
    .enabled(if: Surroundings.runsSlowTests, "TOTE_FAST_TESTS is set"),
    .enabled(if: Surroundings.makesBases, "bases need mmdebstrap and subordinate ids"))
struct PythonUVSlowTests {
    private let build =
        ["build", "my-py-app", "--path", "Examples/python-uv", "--builder", "my-builder"] + Surroundings.certificateOptions
        + Surroundings.indexOptions

    @Test func theTutorialHolds() async throws {
        let home = try await ExampleHome(withBase: true)
        let first = try await home.tote(build)
        try #require(first.succeeded, "\(first)")
        #expect(first.warnings == [])
        #expect(first.errorLines.contains("[example/python-uv] virtual environment: installing"))

        // 3. Run
        let port = try Surroundings.freePort()
        let served = try await home.page(port: port, running: ["-p", "\(port):\(port)", "-e", "PORT=\(port)", "my-py-app"])
        #expect(served.text.contains("<h1>It works</h1>"), "\(served.end)")
        #expect(served.text.contains("built by tote"))
        let version = try await home.tote("run", "--process", "uv", "my-py-app", "--version")
        #expect(version.succeeded && version.out.hasPrefix("uv "), "\(version)")

        // 4. Build again: without a network, nothing can be downloaded.
        let second = try await home.tote(build + ["--network", "none"])
        try #require(second.succeeded, "\(second)")
        #expect(second.out == first.out)
        #expect(second.errorLines.contains("[example/python-uv] virtual environment: from the cache"))
        #expect(second.errorLines.contains("Reusing layer 'example/python-uv:venv'"))

        // Why not a Dockerfile?
        let inspected = try await home.tote("inspect", "my-py-app")
        #expect(inspected.succeeded)
        for name in ["uv", "venv"] {
            #expect(inspected.out.contains("Layer: '\(name)', Created by buildpack: example/python-uv@0.0.0"), "\(inspected)")
        }
        #expect(!inspected.out.contains("uv-cache"))
        #expect(inspected.outLines.contains { $0.hasPrefix("  web (default)") })
        #expect(try home.store().validate().isEmpty)
    }

    @Test func twoBuildsFromNothingGiveOneImage() async throws {
        // Two users who never met.
        let one = try await ExampleHome(withBase: true), other = try await ExampleHome(withBase: true)
        let first = try await one.tote(build), second = try await other.tote(build)
        try #require(first.succeeded && second.succeeded, "\(first)\(second)")
        #expect(second.out == first.out)

        let cleared = try await one.tote(build + ["--clear-cache"])
        #expect(cleared.out == first.out)
        #expect(cleared.errorLines.contains("[example/python-uv] virtual environment: installing"), "\(cleared)")
    }

    /// "A build after a change fetches what is new and no more."
    @Test func aChangeChangesItsLayerOnly() async throws {
        let home = try await ExampleHome(withBase: true)
        let copied = try await Program(["cp", "-a", Repository.path("Examples/python-uv"), home.scratch.path("app")]).run()
        try #require(copied.succeeded, "\(copied)")
        let build = build.map { $0 == "Examples/python-uv" ? home.scratch.path("app") : $0 }
        let first = try await home.tote(build)
        try #require(first.succeeded, "\(first)")
        let before = try home.image("my-py-app").manifest.layers.map(\.digest)

        // A file that `include` does not name is not in the image.
        try home.scratch.write("Changed\n", to: "app/README.md")
        let same = try await home.tote(build + ["--network", "none"])
        #expect(same.out == first.out)

        try home.scratch.write(home.scratch.text("app/src/app.py") + "\n", to: "app/src/app.py")
        let changed = try await home.tote(build + ["--network", "none"])
        try #require(changed.succeeded, "\(changed)")
        let after = try home.image("my-py-app").manifest.layers.map(\.digest)
        #expect(after.count == before.count)
        #expect(zip(before, after).count { $0 != $1 } == 1)

        // "Now `venv` is made anew", of packages that are there already. uv asks the index once more unless it is told not to.
        let lock = home.scratch.text("app/requirements.lock")
        let shorter = try #require(lock.firstRange(of: "waitress==")).lowerBound
        try home.scratch.write(String(lock[..<shorter]), to: "app/requirements.lock")
        let relocked = try await home.tote(build + ["--network", "none", "--env", "UV_OFFLINE=1"])
        #expect(relocked.succeeded, "\(relocked)")
        #expect(relocked.errorLines.contains("[example/python-uv] virtual environment: installing"))
        #expect(relocked.errorLines.contains("Reusing layer 'example/python-uv:uv'"))
        #expect(relocked.errorLines.contains("Adding layer 'example/python-uv:venv'"))
    }
}
