import OCIImage
import TestSupport
import Testing

/// What the README of Examples/inline-uv says, word for word, on a machine where nothing was ever built.
@Suite(
    .enabled(if: Surroundings.runsSlowTests, "TOTE_FAST_TESTS is set"),
    .enabled(if: Surroundings.makesBases, "bases need mmdebstrap and subordinate ids"),
    .enabled(if: InlineUVHub.programs.allSatisfy(Peer.isThere), "skopeo or docker-registry is not installed"))
struct InlineUVSlowTests {
    private let folder = Repository.path("Examples/inline-uv")

    @Test func itJustWorks() async throws {
        let hub = try await InlineUVHub()
        let home = try await ExampleHome(withBase: false)
        try home.scratch.makeFile("config/tote/config.toml", hub.configuration)

        // uv beside the app
        let build = try await home.tote(["build", "my-py-app"] + Surroundings.indexOptions, in: folder)
        try #require(build.succeeded, "\(build)")
        // what a first-time user does not know.
        #expect(build.warnings.count == 1)
        #expect(build.warnings.first?.hasSuffix("the line '#!/usr/bin/env bash' is only a comment, the script runs in /bin/sh") == true)
        let port = try Surroundings.freePort()
        let served = try await home.page(
            port: port, running: ["-p", "\(port):\(port)", "-e", "PORT=\(port)", "my-py-app", "./uv", "run", "src/main.py"], in: folder)
        #expect(served.text.hasPrefix("Hello from Python 3."), "\(served.end)")

        // uv in a layer of its own
        let layered = try await home.tote(
            ["build", "my-py-app", "--descriptor", "project-layer.toml"] + Surroundings.indexOptions, in: folder)
        try #require(layered.succeeded, "\(layered)")
        #expect(layered.errorLines.contains("Adding layer 'my/uv:uv'"), "\(layered)")
        let version = try await home.tote("run", "my-py-app", "uv", "--version", in: folder)
        #expect(version.succeeded && version.out.hasPrefix("uv "), "\(version)")
        let again = try await home.page(
            port: port, running: ["-p", "\(port):\(port)", "-e", "PORT=\(port)", "my-py-app", "uv", "run", "src/main.py"], in: folder)
        #expect(again.text.hasPrefix("Hello from Python 3."), "\(again.end)")

        // Nothing of the build stays in the app's folder.
        #expect(!Peer.exists(folder + "/uv") && !Peer.exists(folder + "/.venv"))
        #expect(try home.store().validate().isEmpty)
    }
}
