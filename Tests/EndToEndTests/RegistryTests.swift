import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// Builders from a registry, images to a registry: a real one on loopback, without credentials.
@Suite(.enabled(if: DockerRegistry.isThere && Peer.isThere("skopeo"), "docker-registry or skopeo is not installed"))
struct RegistryTests {
    /// Sends an image of the store as it is.
    private func send(_ name: String, of tote: ToteCase, to place: String) async throws {
        let copy = try await Program([
            "skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "oci:\(tote.home)/images:\(name)", "docker://\(place)",
        ]).run()
        guard copy.succeeded else { throw TestSetupError("\(copy)") }
    }

    /// A registry with the tiny builder under a name of Docker Hub's, and a home that knows it as a mirror and has no image.
    private func mirrored() async throws -> (DockerRegistry, ToteCase) {
        let registry = try await DockerRegistry()
        let maker = try await ToteCase()
        try await send("docker.io/library/tiny:latest", of: maker, to: "\(registry.host)/heroku/builder:24")
        try await send("docker.io/library/tiny-run:latest", of: maker, to: "\(registry.host)/library/tiny-run:latest")
        let tote = try await ToteCase(isEmpty: true)
        try tote.scratch.write("[registry-mirrors]\n\"docker.io\" = \"\(registry.host)\"\n", to: "config/tote/config.toml")
        try tote.project(InlineScript(Hello.script), more: "[io.buildpacks]\nbuilder = \"heroku/builder:24\"\n")
        return (registry, tote)
    }

    /// The way a first-time user writes it: a builder's public name in project.toml.
    @Test func aBuilderByItsPublicNameThroughAMirror() async throws {
        let (registry, tote) = try await mirrored()
        let build = try await tote.tote("build", "app", "--path", "app")
        try #require(build.succeeded, "\(build)")
        #expect(try await tote.tote("run", "app").out == Hello.text + "\n")
        // Names stay those of Docker Hub: nothing of the mirror is in the image.
        let image = try tote.image()
        #expect(!String(decoding: image.configBytes, as: UTF8.self).contains(registry.host))
        #expect(image.manifest.annotations["org.opencontainers.image.base.name"] == "docker.io/library/tiny-run:latest")
        // The usual digest: where the base came from does not count.
        let usual = try await ToteCase()
        try usual.project(InlineScript(Hello.script), more: "[io.buildpacks]\nbuilder = \"heroku/builder:24\"\n")
        #expect(try await usual.build().out == build.out)
        #expect(try tote.store().validate().isEmpty)
    }

    @Test func pullPolicies() async throws {
        let (registry, tote) = try await mirrored()
        let never = try await tote.tote("build", "app", "--path", "app", "--pull-policy", "never")
        #expect(never.status == 1)
        #expect(
            never.errorLines.suffix(2) == [
                "ERROR: the builder 'heroku/builder:24' is not in tote's store, and the pull policy is 'never'",
                "hint: use --pull-policy if-not-present",
            ])

        let first = try await tote.tote("build", "app", "--path", "app")
        try #require(first.succeeded, "\(first)")
        let blobs = registry.requests("GET", containing: "/blobs/")
        let all = registry.requests("GET", "HEAD"), gets = registry.requests("GET")
        // Nothing changed: one request per image, no blob.
        let always = try await tote.tote("build", "app", "--path", "app", "--pull-policy", "always")
        #expect(always.out == first.out, "\(always)")
        #expect(registry.requests("GET", containing: "/blobs/") == blobs)
        #expect(registry.requests("HEAD") > 1 && registry.requests("GET", "HEAD") - all == 2)
        #expect(registry.requests("GET") == gets)
        let before = registry.requests("GET", "HEAD")
        for policy in ["if-not-present", "never", "interval=24h", "hourly"] {
            let build = try await tote.tote("build", "app", "--path", "app", "--pull-policy", policy)
            #expect(build.out == first.out, "\(build)")
        }
        #expect(registry.requests("GET", "HEAD") == before)
    }

    /// L-10: the time of the last question is remembered.
    @Test func pullPolicyWithAnInterval() async throws {
        let (registry, tote) = try await mirrored()
        func build(_ policy: String) async throws -> Int {
            let before = registry.requests("GET", "HEAD")
            let build = try await tote.tote("build", "app", "--path", "app", "--pull-policy", policy)
            #expect(build.succeeded, "\(build)")
            return registry.requests("GET", "HEAD") - before
        }
        func age(to checked: String) throws {
            let names = try FileManager.default.contentsOfDirectory(atPath: tote.home + "/remotes")
            #expect(names.count == 2)
            for name in names {
                let text = tote.scratch.text("tote/remotes/" + name).replacing(/"checked":\d+/, with: "\"checked\":" + checked)
                try tote.scratch.write(text, to: "tote/remotes/" + name)
            }
        }
        #expect(try await build("interval=1h") > 2)
        #expect(try await build("interval=1h") == 0)
        #expect(try await build("interval=0m") == 2)
        // An hour ago it was something else than now; what comes from the future is not believed.
        try age(to: "1000")
        #expect(try await build("weekly") == 2)
        #expect(try await build("interval=1m") == 0)
        try age(to: "99999999999")
        #expect(try await build("weekly") == 2)
        #expect(try await build("weekly") == 0)
        // Asking always counts as well.
        try age(to: "1000")
        #expect(try await build("always") == 2)
        #expect(try await build("hourly") == 0)
    }

    @Test func publishSendsTheImageOnce() async throws {
        let registry = try await DockerRegistry()
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let name = "\(registry.host)/acme/app:1"
        let build = try await tote.build(name, "--publish", "--tag", "\(registry.host)/acme/app:2")
        try #require(build.succeeded, "\(build)")
        // It is not kept under that name here.
        #expect(try tote.store().image(try Reference(parsing: name)) == nil)
        let digest = String(try #require(build.out.split(whereSeparator: { "@\n".contains($0) }).last))
        #expect(build.out == "\(registry.host)/acme/app@\(digest)\n")
        for tag in ["1", "2"] {
            let manifest = try await Program([
                "skopeo", "inspect", "--tls-verify=false", "--raw", "docker://\(registry.host)/acme/app:\(tag)",
            ]).run()
            #expect(Digest.of(Array(manifest.out.utf8)).description == digest, "\(manifest)")
        }
        // The same image as the store's.
        #expect(try await tote.build("app").out == "app@\(digest)\n")

        let sent = registry.requests("POST", "PATCH")
        let again = try await tote.build(name, "--publish")
        #expect(again.out == build.out, "\(again)")
        #expect(again.errorLines.contains("Reusing layer 'test/script:greeting'"))
        #expect(registry.requests("POST", "PATCH") == sent)
        // Another home, which has neither image nor cache, uploads nothing either.
        let other = try await ToteCase()
        try other.project(Hello.script)
        #expect(try await other.build(name, "--publish").out == build.out)
        #expect(registry.requests("POST", "PATCH") == sent)

        let run = try await tote.tote("run", name)
        #expect(run.out == Hello.text + "\n", "\(run)")
    }

    /// Layers of a run image that is in the same registry are linked there, not sent.
    @Test func runImageLayersAreMounted() async throws {
        let registry = try await DockerRegistry()
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try await send("docker.io/library/tiny-run:latest", of: tote, to: "\(registry.host)/base/run:1")
        let before = registry.requests("PUT", containing: "/blobs/uploads/")
        let build = try await tote.command(
            [
                "build", "\(registry.host)/acme/app", "--path", "app", "--builder", "tiny", "--run-image", "\(registry.host)/base/run:1",
                "--publish",
            ]
        ).run()
        try #require(build.succeeded, "\(build)")
        let mounts = registry.log.split(separator: "\n").count {
            $0.contains("\"POST /v2/acme/app/blobs/uploads/?") && $0.contains("from=base")
        }
        #expect(mounts >= 2, "\(registry.log)")
        let image = try await Program(["skopeo", "inspect", "--tls-verify=false", "docker://\(registry.host)/acme/app"]).run()
        #expect(image.succeeded, "\(image)")
        // Seven layers and the config, less the two of the run image.
        #expect(registry.requests("PUT", containing: "/blobs/uploads/") - before <= 8)
    }

    // MARK: what goes wrong

    @Test func anImageThatTheRegistryLacks() async throws {
        let (registry, tote) = try await mirrored()
        let before = tote.state()
        let missing = try await tote.tote("build", "app", "--path", "app", "--builder", "\(registry.host)/nobody/builder")
        #expect(missing.status == 1)
        #expect(
            missing.errorLines.suffix(2) == [
                "ERROR: the builder '\(registry.host)/nobody/builder' does not exist: neither in tote's store nor at \(registry.host)",
                "hint: check the name, or make a builder with 'tote base create' and 'tote builder create'",
            ], "\(missing)")
        let run = try await tote.tote("build", "app", "--path", "app", "--run-image", "\(registry.host)/no/such:run")
        #expect(run.status == 1)
        #expect(
            run.errorLines.suffix(2) == [
                "ERROR: the run image '\(registry.host)/no/such:run' does not exist: neither in tote's store nor at \(registry.host)",
                "hint: check the name",
            ], "\(run)")
        // A home that did not exist before has an index now; without names.
        #expect(try tote.store().list().isEmpty && before["images/index.json"] == "")
    }

    @Test func aRegistryThatIsNotThere() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let before = tote.state()
        for arguments in [["--builder", "127.0.0.1:9/some/builder"], ["--builder", "tiny", "--run-image", "127.0.0.1:9/some/run"]] {
            let build = try await tote.command(["build", "app", "--path", "app"] + arguments).run()
            #expect(build.status == 1)
            #expect(build.errorLines.last { $0.hasPrefix("ERROR: ") }?.contains("127.0.0.1:9") == true, "\(build)")
            #expect(build.error.ranges(of: "ERROR:").count == 1)
        }
        let publish = try await tote.build("127.0.0.1:9/app", "--publish")
        #expect(publish.status != 0 && publish.out == "")
        #expect(publish.error.contains("127.0.0.1:9"), "\(publish)")
        #expect(tote.state() == before)
    }

    /// A blob that is not what its digest says never becomes visible.
    @Test func publishAndPullByDigest() async throws {
        let registry = try await DockerRegistry()
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let name = "\(registry.host)/acme/app"
        let build = try await tote.build(name, "--publish")
        let pinned = String(build.out.dropLast())
        let run = try await tote.tote("run", pinned)
        #expect(run.out == Hello.text + "\n", "\(run)")
        let other = try await ToteCase(isEmpty: true)
        #expect(try await other.tote("run", pinned).out == Hello.text + "\n")
        #expect(try await other.tote("inspect", name).out.contains("test/script"))
    }
}
