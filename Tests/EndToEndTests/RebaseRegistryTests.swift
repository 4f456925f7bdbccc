import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `tote rebase --publish`: images where they are, in a real registry on loopback.
@Suite(.enabled(if: DockerRegistry.isThere && Peer.isThere("skopeo"), "docker-registry or skopeo is not installed"))
struct RebaseRegistryTests {
    private static func push(_ name: String, of tote: ToteCase, to place: String) async throws {
        let push = try await tote.tote("images", "push", name, place)
        try #require(push.succeeded, "\(push)")
    }

    /// A registry with a run image, and a home whose app was built on it.
    private static func published(_ names: String...) async throws -> (DockerRegistry, ToteCase) {
        let registry = try await DockerRegistry()
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try await push("tiny-run", of: tote, to: "\(registry.host)/base/run:1")
        for name in names {
            let build = try await tote.build(
                "\(registry.host)/\(name)", "--publish", "--run-image", "\(registry.host)/base/run:1", "--pull-policy", "always")
            try #require(build.succeeded, "\(build)")
        }
        return (registry, tote)
    }

    private static func raw(_ place: String, _ more: String...) async throws -> [UInt8] {
        let inspect = try await Program(["skopeo", "inspect", "--tls-verify=false", "--raw"] + more + ["docker://\(place)"]).run()
        try #require(inspect.succeeded, "\(inspect)")
        return Array(inspect.out.utf8)
    }

    private static func manifest(_ place: String) async throws -> Manifest {
        try Manifest(decoding: try await raw(place), declared: nil, what: place)
    }

    // F-14
    @Test func nothingMovesButDocuments() async throws {
        let (registry, tote) = try await Self.published("acme/app")
        let name = "\(registry.host)/acme/app"
        let before = try await Self.manifest(name)
        let base = try TinyBase.putRunImage("next", [["etc/tiny-run": "next\n"], ["etc/more": "more\n"]], in: tote.store())
        try await Self.push("next", of: tote, to: "\(registry.host)/base/run:1")
        let other = try await ToteCase(isEmpty: true)
        let methods = ["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]
        func requests() -> Int { methods.reduce(0) { $0 + registry.requests($1) } }
        let count = requests()
        let rebase = try await other.tote("rebase", name, "--publish", "--report-output-dir", "out")
        try #require(rebase.succeeded, "\(rebase)")
        // Three of them for the run image, which a thousand images would share.
        #expect(requests() - count <= 3 + 8, "\(registry.log)")
        let after = try await Self.manifest(name)
        #expect(after.layers.dropFirst(3).map(\.digest) == before.layers.dropFirst(2).map(\.digest))
        #expect(after.layers.prefix(3).map(\.digest) == base.manifest.layers.map(\.digest))
        for layer in after.layers { #expect(registry.requests("GET", containing: layer.digest.hex) == 0) }
        #expect(rebase.out == "\(name)@\(Digest.of(try await Self.raw(name)))\n")
        #expect(other.scratch.text("out/report.toml").contains("tags = [\"\(name):latest\"]"))
        #expect(try other.store().validate().isEmpty)
        let run = try await other.tote("run", "--entrypoint", "launcher", name, "cat", "/etc/more")
        #expect(run.succeeded && run.out == "more\n", "\(run)")

        // F-16
        let writes = registry.requests("PUT", "POST", "PATCH")
        #expect(try await other.tote("rebase", name, "--publish").out == rebase.out)
        #expect(registry.requests("PUT", "POST", "PATCH") == writes)
    }

    /// A forecast reads layers of bases. What it fetched for that goes again.
    @Test func aForecastKeepsNothing() async throws {
        let (registry, tote) = try await Self.published("acme/app")
        let name = "\(registry.host)/acme/app"
        let app = try await Self.manifest(name), old = app.layers[1]
        let base = try TinyBase.putRunImage("next", [["etc/tiny-run": "next\n"]], in: tote.store())
        try await Self.push("next", of: tote, to: "\(registry.host)/base/run:1")
        let clean = try await ToteCase(isEmpty: true)
        let forecast = try await clean.tote("rebase", "--dry-run", name, "--publish")
        #expect(forecast.succeeded && forecast.out.contains("would be rebased"), "\(forecast)")
        #expect(registry.requests("GET", containing: old.digest.hex) == 1)
        #expect(!(try clean.store().contains(old)))
        #expect(try clean.store().list().isEmpty)
        // What is remembered of the run image does not need them.
        let rebase = try await clean.tote("rebase", name, "--publish", "--pull-policy", "if-not-present")
        #expect(rebase.succeeded, "\(rebase)")
        #expect(try await Self.manifest(name).layers.prefix(2).map(\.digest) == base.manifest.layers.map(\.digest))
    }

    @Test func aFleetAsksForItsRunImageOnce() async throws {
        let (registry, tote) = try await Self.published("acme/app")
        let names = (0..<40).map { "\(registry.host)/team\($0)/app:\($0)" }
        for name in names {
            let copy = try await Program([
                "skopeo", "copy", "--src-tls-verify=false", "--dest-tls-verify=false", "docker://\(registry.host)/acme/app",
                "docker://\(name)",
            ]).run()
            try #require(copy.succeeded, "\(copy)")
        }
        try TinyBase.putRunImage("next", in: tote.store())
        try await Self.push("next", of: tote, to: "\(registry.host)/base/run:1")
        let other = try await ToteCase(isEmpty: true)
        let all = registry.requests("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"),
            manifests = registry.requests("GET", containing: "/base/run/manifests/")
        let blobs = registry.requests("GET", containing: "/blobs/")
        let rebase = try await other.command(["rebase", "--publish"] + names).run()
        try #require(rebase.succeeded && rebase.outLines.count == 40, "\(rebase)")
        #expect(registry.requests("GET", containing: "/base/run/manifests/") - manifests == 1)
        // The configs.
        #expect(registry.requests("GET", containing: "/blobs/") - blobs == 41)
        #expect(registry.requests("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE") - all <= 40 * 8 + 3)
        #expect(Set(rebase.outLines.compactMap { $0.split(separator: "@").last }).count == 1)
        // Nothing of all that is kept.
        #expect(try other.store().list().isEmpty)
    }

    @Test func everyPlatformOfAnIndex() async throws {
        let (registry, tote) = try await Self.published()
        let store = try tote.store(), other = Platform(os: "linux", architecture: "s390x")
        // The same app for another platform, as far as its documents tell.
        try #require(try await tote.build("app").succeeded)
        let app = try tote.image()
        var config = app.config
        config.architecture = "s390x"
        try store.tag(try app.with(config: config), [try Reference(parsing: "app-s390x")])
        let base = try TinyBase.putRunImage("next", in: store)
        let otherBase = try TinyBase.putRunImage("next-s390x", [["etc/other": "x"]], platform: other, in: store)
        try await Self.push("app", of: tote, to: "\(registry.host)/app:amd64")
        try await Self.push("app-s390x", of: tote, to: "\(registry.host)/app:s390x")
        try await Self.push("next", of: tote, to: "\(registry.host)/base/run:amd64")
        try await Self.push("next-s390x", of: tote, to: "\(registry.host)/base/run:s390x")
        func index(_ repository: String, _ images: [Image]) async throws {
            var index = Index(
                manifests: images.map { image in
                    var entry = image.descriptor
                    entry.platform = image.config.platform
                    return entry
                })
            // What a builder of another kind says about the first of them.
            var attestation = images[0].descriptor
            attestation.platform = Platform(os: "unknown", architecture: "unknown")
            if repository == "app" { index.manifests.append(attestation) }
            index.annotations = ["org.example": "kept"]
            index.manifests[0].annotations = ["of": "this"]
            try tote.scratch.write(String(decoding: try index.encoded(), as: UTF8.self), to: "index.json")
            let put = try await Program([
                "curl", "--silent", "--fail", "-X", "PUT", "-H", "Content-Type: \(MediaType.ociIndex)", "--data-binary",
                "@\(tote.scratch.path("index.json"))", "http://\(registry.host)/v2/\(repository)/manifests/all",
            ]).run()
            try #require(put.succeeded, "\(put)")
        }
        try await index("app", [app, try app.with(config: config)])
        try await index("base/run", [base, otherBase])

        let clean = try await ToteCase(isEmpty: true)
        let arguments = ["rebase", "\(registry.host)/app:all", "--publish", "--run-image", "\(registry.host)/base/run:all"]
        // Neither platform's image remembers that name.
        let refused = try await clean.command(arguments).run()
        #expect(refused.status == 72)
        let rebase = try await clean.command(arguments + ["--force"]).run()
        try #require(rebase.succeeded, "\(rebase)")
        #expect(rebase.errorLines.contains("Leaving out 1 entry of the index, such as attestations of the old images"))
        let after = try Index(decoding: try await Self.raw("\(registry.host)/app:all"), what: "the index")
        #expect(after.annotations == ["org.example": "kept"] && after.manifests[0].annotations == ["of": "this"])
        #expect(after.manifests.map(\.platform?.architecture) == ["amd64", "s390x"])
        for (entry, base) in zip(after.manifests, [base, otherBase]) {
            let manifest = try await Self.manifest("\(registry.host)/app@\(entry.digest)")
            #expect(manifest.layers == base.manifest.layers + app.manifest.layers.dropFirst(2))
        }
        // A run image that lacks one of the platforms: nothing is written.
        let lacking = try await clean.tote(
            "rebase", "\(registry.host)/app:all", "--publish", "--run-image", "\(registry.host)/base/run:amd64", "--strict")
        #expect(lacking.status == 72, "\(lacking)")
        #expect(try Index(decoding: try await Self.raw("\(registry.host)/app:all"), what: "the index") == after)
    }

    /// The run image is in another registry: its layers move once, the app's do not.
    @Test func aRunImageFromElsewhere() async throws {
        let (registry, tote) = try await Self.published("acme/app", "acme/app2", "acme/app3")
        let elsewhere = try await DockerRegistry()
        let base = try TinyBase.putRunImage("next", [["etc/tiny-run": "next\n"]], in: tote.store())
        try await Self.push("next", of: tote, to: "\(elsewhere.host)/run")
        let clean = try await ToteCase(isEmpty: true)
        let name = "\(registry.host)/acme/app"
        let gets = registry.requests("GET", containing: "/blobs/")
        let rebase = try await clean.tote("rebase", name, "--publish", "--run-image", "\(elsewhere.host)/run", "--force")
        try #require(rebase.succeeded, "\(rebase)")
        #expect(registry.requests("GET", containing: "/blobs/") - gets == 1)
        #expect(try await Self.manifest(name).layers.prefix(2).map(\.digest) == base.manifest.layers.map(\.digest))
        #expect(try await clean.tote("run", name).out == Hello.text + "\n")

        // Of several images, the first brings them and the others link them.
        let third = try TinyBase.putRunImage("third", [["etc/tiny-run": "third\n"]], in: tote.store())
        try await Self.push("third", of: tote, to: "\(elsewhere.host)/run")
        let gone = elsewhere.requests("GET", containing: third.manifest.layers[1].digest.hex)
        let all = try await clean.tote(
            "rebase", "--publish", name, name + "2", name + "3", "--run-image", "\(elsewhere.host)/run", "--force")
        #expect(all.succeeded && all.outLines.count == 3, "\(all)")
        #expect(elsewhere.requests("GET", containing: third.manifest.layers[1].digest.hex) - gone == 1)
        let digest = third.manifest.layers[1].digest.hex
        #expect(registry.requests("PUT", containing: digest) == 1)
        #expect(registry.requests("POST", containing: digest) == 2)
    }

    // D-10, D-67
    @Test func theMirrorOnTheImagesRegistry() async throws {
        let registry = try await DockerRegistry()
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let mirror = "\(registry.host)/base/run:1", name = "\(registry.host)/acme/app"
        try tote.scratch.write(
            "[build]\nimage = \"tiny-build\"\n[[run.images]]\nimage = \"tiny-run\"\nmirrors = [\"\(mirror)\"]\n", to: "builder.toml")
        let builder = try await tote.tote("builder", "create", "mirrored", "--config", "builder.toml")
        try #require(builder.succeeded, "\(builder)")
        try await Self.push("tiny-run", of: tote, to: mirror)
        let build = try await tote.tote("build", name, "--path", "app", "--builder", "mirrored", "--publish")
        try #require(build.succeeded, "\(build)")
        let base = try TinyBase.putRunImage("next", in: tote.store())
        try await Self.push("next", of: tote, to: mirror)
        let rebase = try await ToteCase(isEmpty: true).tote("rebase", name, "--publish", "--strict")
        try #require(rebase.succeeded, "\(rebase)")
        #expect(rebase.errorLines.contains("Selected run image mirror '\(mirror)'"))
        let config = try ImageConfig(decoding: try await Self.raw(name, "--config"), what: "the config")
        let label = config.settings.labels["io.buildpacks.lifecycle.metadata"] ?? ""
        #expect(label.contains(#""image":"tiny-run","mirrors":["\#(mirror)"]"#), "\(label)")
        #expect(label.contains("\(registry.host)/base/run@\(base.digest)"), "\(label)")
    }

    @Test func badInput() async throws {
        let (registry, tote) = try await Self.published("acme/app")
        let name = "\(registry.host)/acme/app"
        let before = try await Self.raw(name)
        let writes = registry.requests("PUT", "POST", "PATCH")
        for (arguments, message) in [
            ([name, "--run-image", "\(registry.host)/no/such"], "the run image '\(registry.host)/no/such' does not exist"),
            (["\(registry.host)/no/app"], "the image '\(registry.host)/no/app' does not exist at \(registry.host)"),
            (["\(registry.host)/base/run:1"], "could not find label 'io.buildpacks.lifecycle.metadata' on image"),
            (["127.0.0.1:9/app"], "127.0.0.1:9"),
        ] {
            let rebase = try await tote.command(["rebase", "--publish"] + arguments).run()
            #expect(rebase.status == 72 && rebase.out == "", "\(rebase)")
            #expect(rebase.error.ranges(of: "ERROR:").count == 1 && rebase.error.contains(message), "\(rebase)")
        }
        #expect(registry.requests("PUT", "POST", "PATCH") == writes)
        #expect(try await Self.raw(name) == before)
    }
}
