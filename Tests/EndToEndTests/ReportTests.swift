import OCIImage
import TestSupport
import Testing

/// `--report-output-dir`.
struct ReportTests {
    @Test func ofAnImageInTheStore() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app", "--tag", "ghcr.io/acme/app:2", "--report-output-dir", "out/of build")
        try #require(build.succeeded, "\(build)")
        let image = try tote.image()
        // D-75
        #expect(
            tote.scratch.text("out/of build/report.toml") == """
                [image]
                  tags = ["app:latest", "ghcr.io/acme/app:2"]
                  digest = "\(image.digest)"
                  manifest-size = \(image.manifestBytes.count)

                """)
    }

    @Test(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
    func ofAnImageInARegistry() async throws {
        let registry = try await DockerRegistry()
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("\(registry.host)/acme/app:1", "--publish", "--report-output-dir", ".")
        try #require(build.succeeded, "\(build)")
        let report = tote.scratch.text("report.toml")
        #expect(report.contains("tags = [\"\(registry.host)/acme/app:1\"]"))
        let digest = String(try #require(build.out.split(whereSeparator: { "@\n".contains($0) }).last))
        #expect(report.contains("digest = \"\(digest)\""))
        #expect(report.contains(/manifest-size = [1-9]\d+/))
    }

    @Test(arguments: Account.ordinary)
    func itIsTheCallers(account: Account) async throws {
        let tote = try await ToteCase(as: account)
        try tote.project(Hello.script)
        try await tote.giveAway()
        try #require(try await tote.build("app", "--report-output-dir", "out").succeeded)
        let owner = try await Program(["stat", "-c", "%u:%a", tote.scratch.path("out"), tote.scratch.path("out/report.toml")]).run()
        #expect(owner.outLines == ["\(account.id):755", "\(account.id):644"])
    }

    @Test func aFailedBuildLeavesTheOldOne() async throws {
        let tote = try await ToteCase()
        try tote.project("exit 3")
        try tote.scratch.makeFile("out/report.toml", "old")
        #expect(try await tote.build("app", "--report-output-dir", "out").status == 51)
        #expect(tote.scratch.text("out/report.toml") == "old")
        try tote.project(Hello.script)
        #expect(try await tote.build("app", "--report-output-dir", "out").succeeded)
        #expect(tote.scratch.text("out/report.toml").contains("app:latest"))
    }

    @Test(arguments: ["--report-output-dir", "--sbom-output-dir"])
    func aPlaceThatIsNoFolderIsToldFirst(option: String) async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app", option, "app/project.toml")
        #expect(build.status == 1)
        #expect(tote.filtered(build.error) == "ERROR: \(option): '$DIR/app/project.toml' is not a folder\nhint: name another one\n")
        #expect(try tote.store().image(Reference(parsing: "app")) == nil)
    }
}
