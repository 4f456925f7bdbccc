import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `tote builder create`: modules from everywhere, for one or several targets.
struct BuilderTests {
    /// A home with three buildpacks: a folder, an archive, a package file.
    private func tote() async throws -> ToteCase {
        let tote = try await ToteCase()
        for name in ["one", "two", "three"] {
            try tote.scratch.makeFile("\(name)/buildpack.toml", "api = \"0.10\"\n[buildpack]\nid = \"acme/\(name)\"\nversion = \"1.0.0\"\n")
            try tote.scratch.makeFile("\(name)/bin/detect", "#!/bin/sh\nexit 0\n", mode: 0o755)
            try tote.scratch.makeFile("\(name)/bin/build", "#!/bin/sh\necho \(name)\n", mode: 0o755)
        }
        try await tote.giveAway()
        return tote
    }

    private static let order =
        "[[order]]\n" + ["one", "two", "three"].map { "[[order.group]]\nid = \"acme/\($0)\"\n" }.joined() + TinyHome.builder

    private func write(_ places: [String], to tote: ToteCase, more: String = "") throws {
        try tote.scratch.write(
            "description = \"ours\"\n" + places.map { "[[buildpacks]]\nuri = \"\($0)\"\n" }.joined() + Self.order + more, to: "builder.toml"
        )
    }

    private func create(_ tote: ToteCase, _ arguments: String...) async throws -> ProgramResult {
        try await tote.command(["builder", "create", "own", "--config", "builder.toml"] + arguments).run()
    }

    /// The same builder wherever its buildpacks come from, with the labels of H-27, and it works.
    @Test(.enabled(if: Peer.isThere("python3"), "python3 is not installed")) func fromEverywhere() async throws {
        let tote = try await tote()
        try write(["one", "two", "three"], to: tote)
        let folders = try await create(tote)
        try #require(folders.succeeded, "\(folders)")
        for arguments in [
            ["tote", "buildpack", "package", "acme/two", "--path", "two"],
            ["tote", "buildpack", "package", "three", "--path", "three", "--format", "file"],
        ] {
            let made = try await tote.command(Array(arguments.dropFirst())).run()
            try #require(made.succeeded, "\(made)")
        }
        let tar = try await Program(["tar", "-czf", "one.tgz", "-C", "one", "."], directory: tote.scratch.path).run()
        try #require(tar.succeeded)
        let server = try await FileServer(tote.scratch)
        try write(["\(server.address)/one.tgz", "docker://acme/two", "three.cnb"], to: tote)
        let mixed = try await create(
            tote, "--tag", "own:2", "--pull-policy", "if-not-present")
        #expect(mixed.out == folders.out, "\(mixed)")
        #expect(try tote.image("own:2").digest == tote.image("own").digest)

        let labels = try tote.image("own").config.settings.labels
        struct Metadata: Decodable {
            struct Entry: Decodable { var id: String, version: String }
            struct Lifecycle: Decodable {
                struct APIs: Decodable {
                    struct Support: Decodable { var supported: [String], deprecated: [String] }
                    var buildpack: Support, platform: Support
                }
                var version: String, apis: APIs
            }
            struct Run: Decodable { var image: String }
            struct Creator: Decodable { var name: String, version: String }
            var description: String, buildpacks: [Entry], lifecycle: Lifecycle, images: [Run], createdBy: Creator
        }
        let metadata = try JSONDecoder().decode(Metadata.self, from: Data((labels["io.buildpacks.builder.metadata"] ?? "").utf8))
        #expect(metadata.description == "ours" && metadata.images.map(\.image) == ["tiny-run"] && metadata.createdBy.name == "tote")
        #expect(Set(metadata.buildpacks.map { "\($0.id)@\($0.version)" }) == ["acme/one@1.0.0", "acme/two@1.0.0", "acme/three@1.0.0"])
        #expect(metadata.lifecycle.apis.platform.supported.contains("0.12") && metadata.lifecycle.apis.buildpack.supported.contains("0.10"))
        #expect(
            labels["io.buildpacks.buildpack.order"] == #"[{"group":[{"id":"acme/one"},{"id":"acme/two"},{"id":"acme/three"}]}]"#)
        #expect(labels["io.buildpacks.buildpack.layers"]?.contains("layerDiffID") == true)
        let build = try await tote.tote("build", "app", "--path", "app", "--builder", "own", "--pull-policy", "never")
        #expect(build.errorLines.filter { $0.hasPrefix("[") } == ["[acme/one] one", "[acme/two] two", "[acme/three] three"], "\(build)")
        #expect(tote.leftInTmp().isEmpty)
    }

    /// H-55: the shared layers come before the others, and it works all the same.
    @Test func flattened() async throws {
        let tote = try await tote()
        try write(["one", "two", "three"], to: tote)
        let apart = try await create(tote)
        try #require(apart.succeeded, "\(apart)")
        let before = try tote.image("own").layers.count
        let flat = try await create(tote, "--flatten", "acme/one@1.0.0,acme/three@1.0.0", "--label", "mine=yes")
        try #require(flat.succeeded, "\(flat)")
        let image = try tote.image("own")
        #expect(image.layers.count == before - 1)
        #expect(image.config.settings.labels["mine"] == "yes")
        let build = try await tote.tote("build", "app", "--path", "app", "--builder", "own", "--pull-policy", "never")
        #expect(build.errorLines.filter { $0.hasPrefix("[") } == ["[acme/one] one", "[acme/two] two", "[acme/three] three"], "\(build)")
    }

    /// One entry of an index for each target; both directions through a real registry.
    @Test(.enabled(if: DockerRegistry.isThere && Peer.isThere("skopeo"), "docker-registry or skopeo is not installed"))
    func severalTargets() async throws {
        let tote = try await tote()
        let registry = try await DockerRegistry()
        // A build image for two architectures.
        let build = try tote.image("tiny-build")
        var config = build.config
        config.architecture = build.config.architecture == "amd64" ? "arm64" : "amd64"
        let store = try tote.store()
        try store.tag(try build.with(config: config), [try Reference(parsing: "other-build")])
        let host = build.config.architecture, other = config.architecture
        for (name, arch) in [("tiny-build", host), ("other-build", other)] {
            let pushed = try await tote.tote("images", "push", name, "\(registry.host)/build:\(arch)")
            try #require(pushed.succeeded, "\(pushed)")
        }
        try await index(registry, [host, other])
        try tote.scratch.write(
            ["one", "two", "three"].map { "[[buildpacks]]\nuri = \"\($0)\"\n" }.joined()
                + Self.order.replacing("tiny-build", with: "\(registry.host)/build:all")
                + [host, other].map { "[[targets]]\nos = \"linux\"\narch = \"\($0)\"\n" }.joined(), to: "builder.toml")
        let name = "\(registry.host)/acme/builder"
        let published = try await tote.tote("builder", "create", name, "--config", "builder.toml", "--publish")
        try #require(published.succeeded, "\(published)")
        for arch in [host, other] {
            let read = try await Program([
                "skopeo", "--override-arch", arch, "inspect", "--tls-verify=false", "--format", "{{.Architecture}}", "docker://\(name)",
            ]).run()
            #expect(read.outLines == [arch], "\(read)")
        }
        let raw = try await Program(["skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(name)"]).run()
        #expect(raw.out.contains("application/vnd.oci.image.index.v1+json"), "\(raw)")
        let built = try await tote.tote("build", "app", "--path", "app", "--builder", name)
        #expect(built.succeeded, "\(built)")

        // The store keeps this machine's.
        let kept = try await tote.tote("builder", "create", "own", "--config", "builder.toml")
        #expect(kept.error.contains("a builder for linux/\(Platform.host.architecture) only is made"), "\(kept)")
        #expect(try tote.image("own").config.architecture == Platform.host.architecture)
    }

    /// An index of these architectures' tags, as `all`.
    private func index(_ registry: DockerRegistry, _ architectures: [String]) async throws {
        var entries: [String] = []
        for arch in architectures {
            let raw = try await Program(["skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(registry.host)/build:\(arch)"])
                .run()
            let digest = try await Program(
                [
                    "skopeo", "--override-arch", arch, "inspect", "--tls-verify=false", "--format", "{{.Digest}}",
                    "docker://\(registry.host)/build:\(arch)",
                ]
            ).run()
            entries.append(
                #"{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"\#(digest.outLines[0])","size":\#(raw.out.utf8.count),"platform":{"os":"linux","architecture":"\#(arch)"}}"#
            )
        }
        let text =
            #"{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[\#(entries.joined(separator: ","))]}"#
        let put = try await Program([
            "curl", "--fail", "--silent", "--show-error", "-X", "PUT", "-H", "Content-Type: application/vnd.oci.image.index.v1+json",
            "--data", text, "http://\(registry.host)/v2/build/manifests/all",
        ]).run()
        try #require(put.succeeded, "\(put)")
    }

    @Test(arguments: [
        ("", ["--publish", "--pull-policy", "never"], "ERROR: --publish and --pull-policy never cannot be used together"),
        ("", ["--flatten", "acme/one"], "ERROR: --flatten: invalid format 'acme/one'"),
        ("", ["--flatten", "acme/four@1.0.0"], "ERROR: --flatten: there is no 'acme/four@1.0.0' to put into a layer"),
        (
            "", ["--flatten", "acme/one@1.0.0", "--flatten", "acme/one@1.0.0,acme/two@1.0.0"],
            "ERROR: --flatten: 'acme/one@1.0.0' is named twice"
        ),
        ("[build]\n", [], "ERROR: builder.toml:19:"), ("[[buildpack]]\nuri = \"x\"\n", [], "did you mean 'buildpacks'?"),
        ("[[buildpacks]]\nuri = \"none\"\n", [], "ERROR: builder.toml:20:1: the buildpack 'none'"),
    ])
    func isTold(more: String, arguments: [String], error: String) async throws {
        let tote = try await tote()
        try write(["one", "two", "three"], to: tote, more: more)
        let before = tote.state()
        let result = try await tote.command(["builder", "create", "own", "--config", "builder.toml"] + arguments).run()
        // What the configuration has to say of is no matter of the command line alone.
        let isUsage = ["cannot be used together", "invalid format"].contains { error.contains($0) }
        #expect(result.status == (isUsage ? 64 : 1) && result.out.isEmpty, "\(result)")
        #expect(result.error.contains(error), "\(result)")
        #expect(tote.state() == before && tote.leftInTmp().isEmpty)
    }
}
