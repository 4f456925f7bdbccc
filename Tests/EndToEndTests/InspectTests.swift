import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `tote inspect` and `tote builder inspect` of images in the store, in a registry and in a daemon, without their layers.
struct InspectTests {
    private struct Document: Decodable {
        struct Info: Decodable {
            struct Process: Decodable { var type: String }
            var processes: [Process]?
            var buildpacks: [Module]
        }
        struct Module: Decodable { var id: String }
        struct Picture: Decodable { var location: String; var digest: String }
        var remote_info: Info?
        var local_info: Info?
        var remote_image: Picture?
        var local_image: Picture?
        var `default`: Bool?
    }

    private func document(_ tote: ToteCase, _ arguments: [String], environment: [String: String] = [:]) async throws -> Document {
        let result = try await tote.command(arguments + ["--output", "json"], environment: environment).run()
        try #require(result.succeeded, "\(result)")
        return try JSONDecoder().decode(Document.self, from: Data(result.out.utf8))
    }

    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
    func atARegistryAndInTheStore() async throws {
        let registry = try await DockerRegistry()
        let name = "\(registry.host)/acme/app:1"
        let maker = try await ToteCase()
        try maker.project(Hello.script)
        let build = try await maker.build(name, "--publish")
        try #require(build.succeeded, "\(build)")
        try #require(try await maker.tote("images", "push", "tiny", "\(registry.host)/acme/tiny").succeeded)

        // Somebody else: at the registry only. Three requests, none for a layer.
        let other = try await ToteCase(isEmpty: true)
        let before = registry.requests("GET", "HEAD"), blobs = registry.requests("GET", containing: "/blobs/")
        let remote = try await document(other, ["inspect", name])
        #expect(remote.local_info == nil && remote.local_image == nil)
        #expect(remote.remote_info?.processes?.map(\.type) == ["hello"])
        #expect(remote.remote_image?.location == registry.host)
        #expect(registry.requests("GET", "HEAD") - before == 3)
        #expect(registry.requests("GET", containing: "/blobs/") - blobs == 1)
        let builder = try await document(other, ["builder", "inspect", "\(registry.host)/acme/tiny"])
        #expect(builder.remote_info != nil && builder.local_info == nil && builder.default == false)

        // In both places once it is pulled; the registry is asked again.
        try #require(try await other.tote("images", "pull", name).succeeded)
        let both = try await document(other, ["inspect", name])
        #expect(both.remote_image?.digest == both.local_image?.digest)
        #expect(both.local_image?.location == "tote's store")

        // What tote made is nobody else's business, unless one asks for it.
        let own = try await maker.build(name)
        try #require(own.succeeded)
        #expect(try await document(maker, ["inspect", name]).remote_image == nil)
        #expect(try await document(maker, ["inspect", name, "--remote"]).remote_image != nil)

        let missing = try await other.tote("inspect", "\(registry.host)/no/body")
        #expect(missing.status == 1 && missing.out == "")
        #expect(
            missing.errorLines == [
                "ERROR: the image '\(registry.host)/no/body' does not exist: neither in tote's store nor at \(registry.host)",
                "hint: check the name",
            ])
        let noBuilder = try await other.tote("builder", "inspect", name)
        #expect(noBuilder.status == 1)
        #expect(noBuilder.errorLines.first?.contains("is not a builder: it has no label") == true, "\(noBuilder)")
        #expect(try other.store().validate().isEmpty)
    }

    @Test func builderOfTheStore() async throws {
        let tote = try await ToteCase()
        let shown = try await tote.tote("builder", "inspect", "tiny")
        #expect(shown.succeeded && shown.error == "", "\(shown)")
        #expect(shown.outLines.starts(with: ["Inspecting builder: 'tiny:latest'", "", "REMOTE:", "(not asked)", "", "LOCAL:"]))
        for section in ["Created By:", "Lifecycle:", "Run Images:", "Buildpacks:", "Detection Order:"] {
            #expect(shown.outLines.contains(section), "\(shown)")
        }
        let none = try await tote.tote("builder", "inspect")
        #expect(none.status == 2)
        try tote.scratch.write("default-builder-image = \"tiny\"\n", to: "config/tote/config.toml")
        #expect(try await document(tote, ["builder", "inspect"]).default == true)
    }

    @Test(.enabled(if: RealDaemon.isThere(.dockerd), "dockerd is not installed, or this is not root"))
    func inADaemon() async throws {
        let daemon = try RealDaemon(.dockerd)
        try await daemon.answers()
        let host = ["DOCKER_HOST": "unix://\(daemon.socket)"]
        let maker = try await ToteCase()
        try maker.project(Hello.script)
        let build = try await maker.build(environment: host)
        try #require(build.errorLines.contains("Loading into docker"), "\(build)")
        let other = try await ToteCase(isEmpty: true)
        try other.scratch.write("pull-policy = \"never\"\n", to: "config/tote/config.toml")
        let found = try await document(other, ["inspect", "app"], environment: host)
        #expect(found.local_image?.location == "the docker daemon")
        #expect(found.local_image?.digest == "\(try maker.image().manifest.config.digest)")
        #expect(found.local_info?.buildpacks.map(\.id) == ["test/script"])
        #expect(found.remote_image == nil)
        // Nothing was fetched.
        #expect(try FileManager.default.contentsOfDirectory(atPath: other.home + "/images/blobs/sha256").isEmpty)
        let text = try await other.tote("inspect", "app", environment: host)
        #expect(text.outLines.contains("Location:  the docker daemon"), "\(text)")
    }
}
