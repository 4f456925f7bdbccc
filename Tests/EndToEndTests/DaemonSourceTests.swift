import OCIImage
import TestSupport
import Testing

/// Images that exist only in a daemon: builders, run images, the last build. With the daemons themselves.
@Suite(.serialized) struct DaemonSourceTests {
    static let kinds = RealDaemon.Kind.allCases.filter(RealDaemon.isThere)

    /// A daemon that answers.
    private static func started(_ kind: RealDaemon.Kind) async throws -> RealDaemon {
        let daemon = try RealDaemon(kind)
        try await daemon.answers()
        return daemon
    }

    private func host(_ daemon: RealDaemon) -> [String: String] { ["DOCKER_HOST": "unix://\(daemon.socket)"] }

    /// Puts the tiny images into the daemon under names that begin with `prefix`.
    private func fill(_ daemon: RealDaemon, prefix: String = "") async throws {
        let maker = try await ToteCase()
        for name in ["tiny", "tiny-run"] {
            if !prefix.isEmpty {
                let store = try maker.store()
                try store.tag(maker.image(name), [Reference(parsing: prefix + name)])
            }
            let export = try await maker.tote("images", "export", prefix + name, "docker", environment: host(daemon))
            try #require(export.succeeded, "\(export) \(daemon.log.suffix(2000))")
        }
    }

    @Test(.enabled(if: !kinds.isEmpty, "no daemon is installed, or this is not root"), arguments: kinds)
    func builderRunAndPreviousImage(kind: RealDaemon.Kind) async throws {
        let daemon = try await Self.started(kind)
        try await fill(daemon)
        let tote = try await ToteCase(isEmpty: true)
        try tote.project(Hello.script)
        let product = kind == .dockerd ? "docker" : "podman"
        // Both policies take what the daemon has; no registry is asked.
        for policy in ["never", "if-not-present"] {
            let build = try await tote.command(
                ["build", "app", "--path", "app", "--builder", "tiny", "--pull-policy", policy], environment: host(daemon)
            ).run()
            try #require(build.succeeded, "\(build)")
            // Each of both images is fetched once, by the first build.
            #expect(build.error.ranges(of: "Downloaded the daemon's image").count == (policy == "never" ? 2 : 0), "\(build)")
            #expect(build.errorLines.contains("Loading into \(product)"))
        }
        #expect(try await tote.tote("run", "app").out == Hello.text + "\n")
        #expect(try tote.store().validate().isEmpty)

        // The last build, which only the daemon has by now.
        #expect(try await tote.tote("images", "rm", "app", environment: host(daemon)).succeeded)
        let again = try await tote.command(tote.buildArguments(), environment: host(daemon)).run()
        #expect(again.errorLines.contains("Reusing layer 'test/script:greeting'"), "\(again)")

        // What the daemon lacks is said to be missing there as well.
        let missing = try await tote.command(
            ["build", "app", "--path", "app", "--builder", "nobody/builder", "--pull-policy", "never"], environment: host(daemon)
        ).run()
        #expect(
            missing.errorLines.contains(
                "ERROR: the builder 'nobody/builder' is not in tote's store, nor in \(product), and the pull policy is 'never'"),
            "\(missing)")

        // Import, whole and under a name of the store's.
        let other = try await ToteCase(isEmpty: true)
        let imported = try await other.tote("images", "import", "docker-daemon:tiny-run", "mine", environment: host(daemon))
        #expect(imported.out == "mine@\(try other.image("mine").digest)\n", "\(imported)")
        #expect(try other.image("mine").config == (try await ToteCase()).image("tiny-run").config)
        #expect(try other.store().validate().isEmpty)
        let none = try await other.tote("images", "import", "docker:nobody", "mine", environment: host(daemon))
        #expect(none.status == 1)
        #expect(none.error == "ERROR: there is no image 'nobody' in \(product)\nhint: '\(product) images' lists them\n")
    }

    /// With `always` the registry is asked first, and the daemon where that has nothing, or is out of reach and never had it.
    @Test(
        .enabled(
            if: RealDaemon.isThere(.dockerd) && DockerRegistry.isThere, "dockerd or docker-registry is not installed, or this is not root"))
    func theRegistryComesFirstWithAlways() async throws {
        let daemon = try await Self.started(.dockerd)
        let registry = try await DockerRegistry()
        for place in [registry.host, "127.0.0.1:9"] {
            try await fill(daemon, prefix: "\(place)/acme/")
            let tote = try await ToteCase(isEmpty: true)
            try tote.project(Hello.script)
            let arguments = ["build", "app", "--path", "app", "--builder", "\(place)/acme/tiny", "--run-image", "\(place)/acme/tiny-run"]
            let build = try await tote.command(arguments, environment: host(daemon)).run()
            #expect(build.succeeded, "\(build)")
        }
        #expect(registry.requests("HEAD", containing: "/acme/tiny/manifests/latest") == 1)
    }

    @Test func withoutADaemon() async throws {
        let tote = try await ToteCase()
        let nowhere = ["DOCKER_HOST": "unix://\(tote.scratch.path("no.sock"))"]
        let imported = try await tote.tote("images", "import", "docker:app", "mine", environment: nowhere)
        #expect(imported.status == 1)
        #expect(imported.errorLines.first?.contains("no.sock: cannot connect") == true, "\(imported)")
        let build = try await tote.tote(
            "build", "app", "--path", "app", "--builder", "nobody", "--pull-policy", "never", environment: nowhere)
        #expect(build.error.contains("the builder 'nobody' is not in tote's store, and the pull policy is 'never'\n"), "\(build)")
        #expect(build.error.contains("the daemon could not be asked: "), "\(build)")
        let malformed = try await tote.tote("images", "import", "docker:", "mine")
        #expect(malformed.error.contains("'docker:' names no place to read an image from"))
    }
}
