import Archive
import OCIImage
import TestSupport
import Testing

/// Images for this machine and for others (N.7).
@Suite(.enabled(if: DockerRegistry.isThere && Peer.isThere("curl"), "docker-registry or curl is not installed"))
struct PlatformTests {
    private static let own = Platform.host
    private static let other = Platform(os: "linux", architecture: own.architecture == "arm64" ? "amd64" : "arm64")

    /// A registry with `acme/own:1`, `acme/other:1` and both as `acme/both:1`, and a home that knows none of them.
    private func registry() async throws -> (DockerRegistry, ToteCase, own: Digest, other: Digest) {
        let registry = try await DockerRegistry()
        let maker = try await ToteCase(), store = try maker.store()
        let base = try maker.image("tiny-run")
        var entries: [Descriptor] = []
        for (name, platform) in [("own", Self.own), ("other", Self.other)] {
            var config = ImageConfig(platform: platform)
            config.diffIDs = base.config.diffIDs
            let bytes = try config.encoded()
            let manifest = try Manifest(
                mediaType: .ociManifest, config: Descriptor(mediaType: .ociConfig, bytes: bytes), layers: base.manifest.layers
            ).encoded()
            let image = try Image(manifest: manifest, declared: .ociManifest, config: bytes, blobs: store, name: name)
            try store.tag(image, [registry.reference("acme/\(name):1")])
            // In the repository of the index as well.
            for target in ["acme/\(name):1", "acme/both:\(name)"] {
                let push = try await maker.tote("images", "push", "\(registry.host)/acme/\(name):1", "\(registry.host)/\(target)")
                guard push.succeeded else { throw TestSetupError("\(push)") }
            }
            var entry = image.descriptor
            entry.platform = platform
            entries.append(entry)
        }
        let index = String(decoding: try Index(manifests: entries).encoded(), as: UTF8.self)
        try maker.scratch.write(index, to: "index.json")
        let put = try await Program([
            "curl", "--silent", "--show-error", "--fail", "--request", "PUT", "--header", "Content-Type: \(MediaType.ociIndex.rawValue)",
            "--data-binary", "@\(maker.scratch.path("index.json"))", "http://\(registry.host)/v2/acme/both/manifests/1",
        ]).run()
        guard put.succeeded else { throw TestSetupError("\(put)") }
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        return (registry, tote, entries[0].digest, entries[1].digest)
    }

    @Test func anIndexGivesTheWantedImage() async throws {
        let (registry, tote, own, other) = try await registry()
        let name = "\(registry.host)/acme/both:1"
        let shown = "\(registry.host)/acme/both"
        #expect(try await tote.tote("images", "pull", name).out == "\(shown)@\(own)\n")
        #expect(try await tote.tote("images", "pull", name, "--platform", "\(Self.other)").out == "\(shown)@\(other)\n")
        // Both are remembered, and each is what its platform gets.
        #expect(try await tote.tote("images", "pull", name, "--platform", "\(Self.own)").out == "\(shown)@\(own)\n")
        let none = try await tote.tote("images", "pull", name, "--platform", "linux/s390x")
        #expect(none.status == 1)
        #expect(none.error.contains("has no image for linux/s390x"), "\(none)")
        #expect(none.errorLines.last == "hint: it exists for \(Self.own), \(Self.other)")
        #expect(try await tote.tote("images", "pull", name).out == "\(shown)@\(own)\n")
    }

    @Test func aManifestForAnotherPlatform() async throws {
        let (registry, tote, _, other) = try await registry()
        let name = "\(registry.host)/acme/other:1", before = tote.state()["images/index.json"]
        let pull = try await tote.tote("images", "pull", name)
        #expect(pull.status == 1)
        #expect(
            pull.errorLines.suffix(2) == [
                "ERROR: the image '\(name)' is for \(Self.other), not for \(Self.own)",
                "hint: it exists for \(Self.other) only: say --platform \(Self.other) to have it all the same",
            ], "\(pull)")
        #expect(tote.state()["images/index.json"] == before)
        let wanted = try await tote.tote("images", "pull", name, "--platform", "\(Self.other)")
        #expect(wanted.out == "\(registry.host)/acme/other@\(other)\n", "\(wanted)")
        // To look at it needs no such machine, to run it does.
        #expect(try await tote.tote("inspect", name).succeeded)
        let run = try await tote.tote("run", name)
        #expect(run.error.contains("is for \(Self.other), not for \(Self.own)"), "\(run)")
        let build = try await tote.command(["build", "app", "--path", "app", "--builder", "tiny", "--run-image", name]).run()
        #expect(build.status == 1)
        #expect(build.errorLines.contains("ERROR: the run image '\(name)' is for \(Self.other), not for \(Self.own)"), "\(build)")
    }

    @Test func aBuildForAnotherPlatform() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let before = tote.state()
        let build = try await tote.build("app", "--platform", "\(Self.other)")
        #expect(build.status == 1)
        #expect(
            build.errorLines == [
                "ERROR: cannot build for \(Self.other): buildpacks have to run, and this machine runs programs for \(Self.own)",
                "hint: run the same command on a machine for \(Self.other), or build for \(Self.own)",
            ], "\(build)")
        let senseless = try await tote.build("app", "--platform", "linux")
        #expect(senseless.errorLines.first == "ERROR: 'linux' is not a platform", "\(senseless)")
        #expect(tote.state() == before)
        #expect(try await tote.build("app", "--platform", "\(Self.own)").succeeded)
    }
}
