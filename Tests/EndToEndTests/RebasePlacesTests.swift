import Archive
import OCIImage
import TestSupport
import Testing

/// `tote rebase` of images outside of the store: layouts, archives, daemons.
struct RebasePlacesTests {
    /// An app built on `tiny-run`, of which there is a newer release by now.
    private static func tote(_ more: String...) async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.command(tote.buildArguments("app", more)).run()
        try #require(build.succeeded, "\(build)")
        try TinyBase.putRunImage("tiny-run", in: tote.store())
        return tote
    }

    /// What the store makes of the same image.
    private static func expected(_ tote: ToteCase) async throws -> Image {
        try #require(try await tote.tote("rebase", "app").succeeded)
        return try tote.image()
    }

    @Test func layouts() async throws {
        let tote = try await Self.tote("--output", "oci:layout:app", "--output", "oci:layout:other", "--output", "oci:alone")
        let before = try tote.image()
        for (place, entries) in [("oci:layout:app", 2), ("oci:alone", 1)] {
            let rebase = try await tote.tote("rebase", place)
            try #require(rebase.succeeded, "\(rebase)")
            let name = String(place.dropFirst(4))
            let source = try LayoutSource(at: tote.scratch.path(String(name.prefix { $0 != ":" })))
            #expect(try source.count() == entries)
            let image = try source.image(tag: name.hasSuffix(":app") ? "app" : nil)
            #expect(rebase.out == "\(image.digest)\n")
            #expect(image.manifest.layers.dropFirst(2) == before.manifest.layers.dropFirst(2))
            for layer in image.manifest.layers { _ = try await image.blobs.blob(layer) }
        }
        #expect(try LayoutSource(at: tote.scratch.path("layout")).image(tag: "other").digest == before.digest)
        #expect(try LayoutSource(at: tote.scratch.path("alone")).image(tag: nil).digest == (try await Self.expected(tote)).digest)
        for (place, message) in [
            ("oci:layout", "has 2 images"), ("oci:layout:none", "has no image 'none'"), ("oci:nowhere", "is not an OCI layout"),
        ] {
            let wrong = try await tote.tote("rebase", place)
            #expect(wrong.status == 72 && wrong.error.contains(message), "\(wrong)")
        }
    }

    @Test func anIndexInALayout() async throws {
        let tote = try await Self.tote("--output", "oci:layout:one")
        let app = try tote.image(), folder = tote.scratch.path("layout")
        var config = app.config
        config.architecture = "s390x"
        let other = try app.with(config: config)
        let entries = [app, other].map { image in
            var entry = image.descriptor
            entry.platform = image.config.platform
            return entry
        }
        let index = Index(manifests: entries, annotations: ["a": "b"])
        let both = NamedImages.index(ImageIndex(index, bytes: try index.encoded(), images: [app, other]))
        try await both.write(toLayout: folder, tag: "both")
        let base = try TinyBase.putRunImage("bases/one", in: tote.store())
        let otherBase = try TinyBase.putRunImage("bases/two", [["etc/x": "x"]], platform: config.platform, in: tote.store())
        // The store has one image for each name, so a run image that serves one platform only is refused as a whole.
        let refused = try await tote.tote("rebase", "oci:layout:both")
        #expect(refused.status == 72 && refused.error.contains("the app image is for linux/s390x"), "\(refused)")
        #expect(base.digest != otherBase.digest)
        let contents = try LayoutSource(at: folder).contents(tag: "both")
        #expect(contents.name == "both" && contents.images.digest == both.digest)
        #expect(contents.images.images.map(\.digest) == [app.digest, other.digest])
        // Forced, both stand on it.
        let forced = try await tote.tote("rebase", "oci:layout:both", "--force")
        try #require(forced.succeeded, "\(forced)")
        let after = try LayoutSource(at: folder).contents(tag: "both").images
        #expect(forced.out == "\(after.digest)\n" && after.images.count == 2)
        guard case .index(let rebased) = after else { throw TestSetupError("no index") }
        #expect(rebased.index.annotations == ["a": "b"] && rebased.index.manifests.count == 2)
    }

    @Test func archives() async throws {
        let tote = try await Self.tote("--output", "oci-archive:app.tar", "--output", "docker-archive:docker.tar")
        let expected = try await Self.expected(tote)
        let oci = try await tote.tote("rebase", "oci-archive:app.tar")
        #expect(oci.out == "\(expected.digest)\n", "\(oci)")
        let imported = try await tote.tote("images", "import", "oci-archive:app.tar", "from-oci")
        #expect(imported.succeeded)
        #expect(try tote.image("from-oci").digest == expected.digest)

        let docker = try await tote.tote("rebase", "docker-archive:docker.tar")
        try #require(docker.succeeded, "\(docker)")
        try #require(try await tote.tote("images", "import", "docker-archive:docker.tar", "from-docker").succeeded)
        #expect(try tote.image("from-docker").config.diffIDs == expected.config.diffIDs)
        let names = try await Program(["tar", "-xOf", tote.scratch.path("docker.tar"), "manifest.json"]).run()
        #expect(names.out.contains("\"RepoTags\":[\"app:latest\"]"))
        #expect(tote.leftInTmp().isEmpty)
        #expect(try await tote.tote("run", "from-docker").out == Hello.text + "\n")
    }

    @Test(.enabled(if: RealDaemon.isThere(.dockerd), "dockerd is not installed, or this is not root"))
    func daemon() async throws {
        let daemon = try RealDaemon(.dockerd)
        try await daemon.answers()
        let host = ["DOCKER_HOST": "unix://\(daemon.socket)"]
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try #require(try await tote.build("app", environment: host).succeeded)
        try TinyBase.putRunImage("tiny-run", in: tote.store())
        // In both: the daemon's follows.
        let rebase = try await tote.tote("rebase", "app", environment: host)
        #expect(rebase.succeeded && rebase.errorLines.contains("Loading into docker"), "\(rebase)")
        let image = try tote.image()
        func id() async throws -> String {
            try await Program(["docker", "-H", "unix://\(daemon.socket)", "image", "inspect", "--format", "{{.Id}}", "app"]).run().out
        }
        #expect(try await id() == "\(image.manifest.config.digest)\n")

        // Only in the daemon.
        try #require(try await tote.tote("images", "rm", "app", environment: host).succeeded)
        try TinyBase.putRunImage("tiny-run", [["etc/tiny-run": "third\n"]], in: tote.store())
        let there = try await tote.tote("rebase", "app", "--report-output-dir", "out", environment: host)
        try #require(there.succeeded, "\(there)")
        #expect(try await id() != "\(image.manifest.config.digest)\n")
        #expect(tote.scratch.text("out/report.toml").contains("image-id = \"\(try await id().dropLast())\""))
        #expect(try tote.store().image(Reference(parsing: "app")) == nil)
        let again = try await tote.tote("rebase", "docker:app", environment: host)
        #expect(again.succeeded && again.out == "\(there.out.split(separator: "@")[1])", "\(again)")
    }
}
