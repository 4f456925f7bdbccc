import TestSupport
import Testing

/// What a newcomer meets first: the forgotten schema version and the ports of `tote run`.
struct TrapTests {
    private static let trapped = """
        [io.buildpacks]
        builder = "tiny"

        [[io.buildpacks.group]]
        id = "me/script"

        [io.buildpacks.group.script]
        api = "0.10"
        inline = "echo never"

        """

    private static let warning = """
        Warning: app/project.toml:1:5: no schema-version in the project descriptor: schema 0.1 is assumed, and all of [io.buildpacks] is ignored: builder, group
          |
        1 | [io.buildpacks]
          |     ^
        hint: add these lines at the top:
            [_]
            schema-version = "0.2"

        """

    private static let failures: [(arguments: [String], status: Int32)] = [
        (["--builder", "tiny"], 20), (["--builder", "nobody/knows"], 1), ([], 2), (["--builder", "tiny", "--env-file", "nowhere"], 1),
    ]

    @Test(arguments: failures)
    func aMissingSchemaVersionIsSaidWhateverFails(arguments: [String], status: Int32) async throws {
        let tote = try await ToteCase()
        try tote.write("project.toml", Self.trapped)
        let build = try await tote.command(["build", "app", "--path", "app", "--pull-policy", "never"] + arguments).run()
        #expect(build.status == status)
        #expect(build.error.hasPrefix(Self.warning), "\(build)")
        #expect(build.error.ranges(of: "ERROR:").count == 1)
    }

    @Test func alsoWhenTheFileIsBroken() async throws {
        let tote = try await ToteCase()
        try tote.write("project.toml", Self.trapped + "oops\n")
        let build = try await tote.build()
        #expect(build.status == 1)
        #expect(build.error.contains("no schema-version in the project descriptor"))
        #expect(build.error.contains("ERROR: app/project.toml:10:"), "\(build)")
    }

    /// IN-7: the builder's own order is used, and the build can even succeed.
    @Test func aBuildWithTheBuildersOrderSucceedsAndIsWarned() async throws {
        let tote = try await ToteCase()
        try await tote.makeBuilder(BuilderFolder("own/first", build: "echo own buildpack"))
        try tote.write("project.toml", Self.trapped)
        let build = try await tote.build("app", "--builder", "own")
        #expect(build.succeeded, "\(build)")
        #expect(build.error.hasPrefix(Self.warning))
        #expect(build.error.contains("[own/first] own buildpack"))
        #expect(!build.error.contains("never"))
    }

    @Test func unknownKeysAreWarnedWithWhatWasMeant() async throws {
        let tote = try await ToteCase()
        try tote.project(InlineScript(Hello.script), more: "[io.buildpacks]\nbuidler = \"x\"\n")
        let build = try await tote.build()
        #expect(build.succeeded)
        #expect(
            build.error.hasPrefix(
                """
                Warning: app/project.toml:4:1: unknown key 'io.buildpacks.buidler' is ignored
                  |
                4 | buidler = "x"
                  | ^
                hint: did you mean 'builder'?

                """), "\(build)")
    }

    // MARK: ports

    @Test func twoPortsAreRefusedWithTheReason() async throws {
        let tote = try await ToteCase()
        let run = try await tote.tote("run", "-p", "8080:80", "tiny-run", "true")
        #expect(run.status == 64)
        #expect(
            run.error == """
                ERROR: --publish: '8080:80' wants port 80 of the image at port 8080, but the image shares the host's network
                hint: use '-p 8080:8080' and tell the process its port, often with '-e PORT=8080'

                """)
    }

    @Test(arguments: ["web", "0:0", "8080:8080:8080:8080", "70000:70000", ""])
    func whatIsNoPortIsRefused(port: String) async throws {
        let tote = try await ToteCase()
        let run = try await tote.tote("run", "-p", port, "tiny-run", "true")
        #expect(run.status == 64)
        #expect(run.error == "ERROR: --publish: '\(port)' is not a port\nhint: write PORT:PORT, such as 8080:8080\n")
    }

    @Test(arguments: ["8080:8080", "8080", "127.0.0.1:8080:8080", "8080:8080/tcp"])
    func onePortIsTaken(port: String) async throws {
        let tote = try await ToteCase()
        #expect(try await tote.tote("run", "-p", port, "tiny-run", "true").succeeded)
    }
}
