import Glibc
import OCIImage
import TestSupport
import Testing

/// Buildpacks that come from outside of the builder, mixed with inline ones (H.3, A-13 to A-19).
struct CompositionTests {
    /// A home with a buildpack in `bp`, an app, and a builder with an order of its own.
    private func tote() async throws -> ToteCase {
        let tote = try await ToteCase()
        try Self.buildpack(at: "bp", in: tote)
        try await tote.makeBuilder(
            BuilderFolder("kit/one", build: "echo one"), BuilderFolder("kit/two", build: "echo two"), groups: [["kit/one"], ["kit/two"]])
        return tote
    }

    private static func buildpack(at folder: String, in tote: ToteCase, id: String = "acme/hello") throws {
        try tote.scratch.makeFile("\(folder)/buildpack.toml", "api = \"0.10\"\n[buildpack]\nid = \"\(id)\"\nversion = \"1.2.3\"\n")
        // As careless hands leave them: tote gives them the modes of a package (H-2).
        try tote.scratch.makeFile("\(folder)/bin/detect", "#!/bin/sh\nexit 0\n", mode: 0o600)
        try tote.scratch.makeFile(
            "\(folder)/bin/build", "#!/bin/sh\necho \"hello from $(cat $CNB_BUILDPACK_DIR/word)\"\n", mode: 0o700)
        try tote.scratch.makeFile("\(folder)/word", "the folder", mode: 0o600)
    }

    private func build(_ tote: ToteCase, _ arguments: String...) async throws -> ProgramResult {
        try await tote.command(["build", "app", "--path", "app", "--builder", "own", "--pull-policy", "if-not-present"] + arguments).run()
    }

    private func said(_ build: ProgramResult) -> [String] { build.errorLines.filter { $0.hasPrefix("[") } }

    private func pack(_ arguments: String..., in tote: ToteCase) async throws {
        let result = try await Program(["tar"] + arguments, directory: tote.scratch.path).run()
        guard result.succeeded else { throw TestSetupError("\(result)") }
        try await tote.giveAway()
    }

    /// A folder, tars of it with and without compression: the same image, and the builder's order is not run (A-14).
    @Test func foldersAndArchives() async throws {
        let tote = try await tote()
        try await pack("-czf", "bp.tgz", "-C", "bp", ".", in: tote)
        try await pack("-cf", "bp.tar", "bp", in: tote)
        var digests: Set<String> = []
        for place in ["./bp", "bp.tgz", "bp.tar", "file://\(tote.scratch.path)/bp"] {
            let result = try await build(tote, "--buildpack", place)
            try #require(result.succeeded, "\(result)")
            #expect(said(result) == ["[acme/hello] hello from the folder"])
            digests.insert(result.out)
        }
        #expect(digests.count == 1)
    }

    /// A-15, A-16, and relative paths of the descriptor (A-19).
    @Test func mixedWithInlineOnes() async throws {
        let tote = try await tote()
        try tote.write("bp/place", "")
        try Self.buildpack(at: "app/bp", in: tote)
        try tote.write(
            "project.toml",
            """
            [_]
            schema-version = "0.2"
            [[io.buildpacks.group]]
            uri = "./bp"
            [[io.buildpacks.group]]
            uri = "from=builder"
            \(InlineScript("echo inline").toml)
            """)
        let result = try await build(tote)
        #expect(said(result) == ["[acme/hello] hello from the folder", "[kit/one] one", "[test/script] inline"], "\(result)")
        // A-13: flags take the place of the lists, with paths from where the command was called.
        let flags = try await build(tote, "-b", "kit/two,./bp")
        #expect(said(flags) == ["[kit/two] two", "[acme/hello] hello from the folder"], "\(flags)")
        try tote.write("project.toml", "")
        let around = try await build(tote, "--pre-buildpack", "bp", "--post-buildpack", "kit/two@1.0.0")
        #expect(said(around) == ["[acme/hello] hello from the folder", "[kit/one] one", "[kit/two] two"], "\(around)")
    }

    /// A-32: what is brought along stands in front of the builder's own.
    @Test func theBuildersOwnIsHidden() async throws {
        let tote = try await tote()
        try Self.buildpack(at: "mine", in: tote, id: "kit/one")
        try tote.scratch.write("api = \"0.10\"\n[buildpack]\nid = \"kit/one\"\nversion = \"1.0.0\"\n", to: "mine/buildpack.toml")
        #expect(said(try await build(tote, "--buildpack", "./mine")) == ["[kit/one] hello from the folder"])
        #expect(said(try await build(tote)) == ["[kit/one] one"])
    }

    /// A composite whose parts are on the builder.
    @Test func aCompositeFolder() async throws {
        let tote = try await tote()
        try tote.scratch.makeFile(
            "all/buildpack.toml",
            """
            api = "0.10"
            [buildpack]
            id = "acme/all"
            version = "1"
            [[order]]
            [[order.group]]
            id = "kit/two"
            version = "1.0.0"
            [[order.group]]
            id = "acme/hello"
            version = "1.2.3"
            """)
        let alone = try await build(tote, "-b", "./all")
        #expect(alone.status == 22 && alone.error.contains("'acme/hello@1.2.3' is in the order, but the builder has no"), "\(alone)")
        let both = try await build(tote, "-b", "./all", "-b", "./bp")
        #expect(said(both) == ["[kit/two] two", "[acme/hello] hello from the folder"], "\(both)")
    }

    /// Neither builder nor order: an image to build in and a list.
    @Test func withoutABuilder() async throws {
        let tote = try await tote()
        let arguments = ["build", "app", "--path", "app", "--build-image", "tiny-build", "--pull-policy", "never"]
        let result = try await tote.command(arguments + ["--run-image", "tiny-run", "-b", "./bp"]).run()
        #expect(result.succeeded && said(result) == ["[acme/hello] hello from the folder"], "\(result)")
        let image = try tote.image()
        #expect(image.config.settings.labels["io.buildpacks.lifecycle.metadata"]?.contains("tiny-run") == true)
        // The same as with a builder of that image.
        #expect(try await build(tote, "-b", "./bp").out == result.out)

        let noRunImage = try await tote.command(arguments + ["-b", "./bp"]).run()
        #expect(
            noRunImage.errorLines.suffix(2) == ["ERROR: a build in a build image needs a run image too", "hint: name it with --run-image"])
        let nothing = try await tote.command(arguments + ["--run-image", "tiny-run"]).run()
        #expect(nothing.status == 20 && nothing.error.contains("'tiny-build' is a build image without buildpacks"), "\(nothing)")
        let both = try await tote.command(arguments + ["--builder", "own"]).run()
        #expect(both.errorLines.first == "ERROR: --builder and --build-image exclude each other")
    }

    /// A server that has nothing new is asked and sends nothing (H-10).
    @Test(.enabled(if: Peer.isThere("python3"), "python3 is not installed")) func webServers() async throws {
        let tote = try await tote()
        try await pack("-czf", "bp.tgz", "-C", "bp", ".", in: tote)
        try tote.scratch.write("<!DOCTYPE html><title>no</title>", to: "page")
        let server = try await FileServer(tote.scratch)
        let url = "\(server.address)/bp.tgz"
        for policy in ["always", "always", "if-not-present", "never"] {
            let result = try await tote.command(["build", "app", "--path", "app", "--builder", "own", "-b", url, "--pull-policy", policy])
                .run()
            #expect(said(result) == ["[acme/hello] hello from the folder"], "\(result)")
            #expect(result.error.contains("Downloaded http://") == (server.requests().count == 1), "\(result)")
        }
        #expect(server.requests() == ["GET /bp.tgz 200", "GET /bp.tgz 304"])

        let page = try await build(tote, "-b", "\(server.address)/page")
        #expect(
            page.errorLines.contains(
                "ERROR: the buildpack '\(server.address)/page': '\(server.address)/page' is a web page, not an archive"))
        let missing = try await build(tote, "-b", "\(server.address)/none")
        #expect(missing.error.contains("GET \(server.address)/none: 404"), "\(missing)")
        let never = try await build(tote, "-b", "\(server.address)/other", "--pull-policy", "never")
        #expect(never.error.contains("was not downloaded before, and the pull policy is 'never'"), "\(never)")
    }

    /// Errors of the descriptor have their place: A-15, A-17, H.3.
    @Test(arguments: [
        (
            "uri = \"from=builder\"\n[[io.buildpacks.group]]\nuri = \"from=builder\"", 6,
            "buildpacks from builder can only be defined once", ""
        ),
        (
            "id = \"kit/one\"", 4, "unable to resolve version: multiple versions of 'kit/one' - must specify an explicit version",
            "'kit/one@1.0.0', 'kit/one@2.0.0'"
        ),
        ("id = \"kit/one\"\nversion = \"3\"", 4, "buildpack 'kit/one@3' was not found on the builder", "it has 'kit/one@1.0.0'"),
        ("uri = \"./none\"", 4, "the buildpack './none': reading the buildpack './none': No such file or directory", ""),
        ("uri = \"urn:cnb:builder:kit/two\"", 4, "'urn:cnb:builder:kit/two' is not a valid identifier", "'kit/one@1.0.0'"),
    ])
    func placesOfErrors(entry: String, line: Int, message: String, hint: String) async throws {
        let tote = try await ToteCase()
        try await tote.makeBuilder(BuilderFolder("kit/one"), BuilderFolder("kit/one", version: "2.0.0"), groups: [])
        try tote.write("project.toml", "[_]\nschema-version = \"0.2\"\n[[io.buildpacks.group]]\n\(entry)\n")
        let result = try await tote.command(tote.buildArguments("app", ["--builder", "own"])).run()
        #expect(result.status == 1, "\(result)")
        #expect(result.errorLines.contains { $0.hasPrefix("ERROR: app/project.toml:\(line):1: \(message)") }, "\(result)")
        #expect(result.error.contains(hint), "\(result)")
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var status: Int32 = 1
        var error: String
        var testDescription: String { error }
    }

    @Test(arguments: [
        Bad(
            arguments: ["-b", "./none"], error: "ERROR: the buildpack './none': reading the buildpack './none': No such file or directory"),
        Bad(arguments: ["-b", "./app"], error: "ERROR: the buildpack './app': './app' is no buildpack: it has no buildpack.toml"),
        Bad(arguments: ["-b", "kit/one@9"], error: "ERROR: buildpack 'kit/one@9' was not found on the builder"),
        Bad(arguments: ["-b", "kitone"], error: "ERROR: no versions of buildpack 'kitone' were found on the builder"),
        Bad(arguments: ["-b", "ftp://x/y"], status: 64, error: "ERROR: --buildpack: unsupported protocol 'ftp' in 'ftp://x/y'"),
        Bad(
            arguments: ["-b", "docker://tiny-build"],
            error: "ERROR: the buildpack 'docker://tiny-build': 'tiny-build' is no package of a buildpack"),
        Bad(arguments: ["-b", "docker://own"], error: "hint: it is a builder: name it with --builder, and its buildpacks by their ids"),
        Bad(arguments: ["--extension", "from=builder"], error: "ERROR: --extension: 'from=builder' is not supported"),
        Bad(arguments: ["-r", "nowhere", "-b", "a/b"], error: "ERROR: there is no registry of buildpacks named 'nowhere'"),
    ])
    func isTold(bad: Bad) async throws {
        let tote = try await tote()
        let result = try await tote.command(tote.buildArguments("app", ["--builder", "own"] + bad.arguments)).run()
        #expect(result.status == bad.status, "\(result)")
        #expect(result.errorLines.contains { $0.hasPrefix(bad.error) }, "\(result)")
        #expect(tote.leftInTmp().isEmpty)
    }
}
