import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// Packages of buildpacks: made, read by others, and built with.
struct PackageTests {
    /// A home with a buildpack in `bp` and an app.
    private func tote() async throws -> ToteCase {
        let tote = try await ToteCase()
        try Self.buildpack(at: "bp", id: "acme/hello", in: tote)
        try await tote.giveAway()
        return tote
    }

    private static func buildpack(at folder: String, id: String, in tote: ToteCase, more: String = "", files: String? = nil) throws {
        try tote.scratch.makeFile(
            "\(folder)/buildpack.toml", "api = \"0.10\"\n[buildpack]\nid = \"\(id)\"\nversion = \"1.2.3\"\n\(more)\n")
        let files = files ?? folder
        try tote.scratch.makeFile("\(files)/bin/detect", "#!/bin/sh\nexit 0\n", mode: 0o755)
        try tote.scratch.makeFile("\(files)/bin/build", "#!/bin/sh\necho \"\(id) from \(files)\"\n", mode: 0o755)
    }

    private func build(_ tote: ToteCase, _ arguments: String...) async throws -> ProgramResult {
        try await tote.command(["build", "app", "--path", "app", "--builder", "tiny", "--pull-policy", "if-not-present"] + arguments).run()
    }

    private func package(_ tote: ToteCase, _ arguments: String...) async throws -> ProgramResult {
        let result = try await tote.command(["buildpack", "package"] + arguments).run()
        try #require(result.succeeded, "\(result)")
        return result
    }

    /// The digest that `skopeo inspect` reads.
    private func digest(of place: String, platform: String? = nil) async throws -> String {
        let choice = platform.map { ["--override-arch", $0] } ?? []
        let result = try await Program(
            ["skopeo"] + choice + ["inspect", "--tls-verify=false", "--format", "{{.Architecture}} {{.Digest}}", place]
        ).run()
        try #require(result.succeeded, "\(result)")
        return result.outLines[0]
    }

    /// Folder, file and image: the same app.
    @Test(.enabled(if: Peer.isThere("skopeo"), "skopeo is not installed")) func aFileAndAnImage() async throws {
        let tote = try await tote()
        let folder = try await build(tote, "--buildpack", "./bp")
        try #require(folder.succeeded, "\(folder)")
        let file = try await package(tote, "hello", "--path", "bp", "--format", "file")
        #expect(tote.filtered(file.out) == "$DIR/hello.cnb\n")
        let image = try await package(tote, "acme/hello:1", "--path", "bp", "--tag", "acme/hello:latest", "--label", "mine=yes")
        #expect(tote.filtered(image.out) == "acme/hello:1@sha256:…\n")
        for place in ["hello.cnb", "docker://acme/hello:1", "docker://acme/hello"] {
            let built = try await build(tote, "--buildpack", place)
            #expect(built.out == folder.out, "\(built)")
        }
        #expect(try tote.image("acme/hello:1").config.settings.labels["mine"] == "yes")
        let plain = try await package(tote, "acme/hello:2", "--path", "bp")
        let read = try await digest(of: "oci-archive:\(tote.scratch.path("hello.cnb"))")
        #expect(plain.out.contains(read.split(separator: " ")[1]))
        let again = try await package(tote, "again.cnb", "--path", "bp", "--format", "file")
        #expect(again.succeeded)
        #expect(try await Program(["cmp", "hello.cnb", "again.cnb"], directory: tote.scratch.path).run().succeeded)
        #expect(tote.leftInTmp().isEmpty)
    }

    /// With its parts, from package.toml.
    @Test func aComposite() async throws {
        let tote = try await tote()
        try Self.buildpack(at: "two", id: "acme/two", in: tote)
        try tote.scratch.makeFile(
            "all/buildpack.toml",
            """
            api = "0.10"
            [buildpack]
            id = "acme/all"
            version = "1"
            [[order]]
            [[order.group]]
            id = "acme/two"
            version = "1.2.3"
            [[order.group]]
            id = "acme/hello"
            version = "1.2.3"
            """)
        try tote.scratch.makeFile(
            "all/package.toml", "[buildpack]\nuri = \".\"\n[[dependencies]]\nuri = \"../bp\"\n[[dependencies]]\nuri = \"../two.cnb\"\n")
        _ = try await package(tote, "two", "--path", "two", "--format", "file")
        _ = try await package(tote, "all", "--config", "all/package.toml", "--format", "file")
        _ = try await package(tote, "acme/flat", "--config", "all/package.toml", "--flatten")
        #expect(try tote.image("acme/flat").layers.count == 1)
        let apart = try await build(tote, "-b", "./all", "-b", "./two", "-b", "./bp")
        for place in ["all.cnb", "docker://acme/flat"] {
            let built = try await build(tote, "-b", place)
            #expect(
                built.errorLines.filter { $0.hasPrefix("[") } == ["[acme/two] acme/two from two", "[acme/hello] acme/hello from bp"],
                "\(built)")
        }
        #expect(apart.succeeded)
    }

    /// H-17, H-18: a folder for each target; a file, or an entry of the index, for each of them.
    @Test(.enabled(if: DockerRegistry.isThere && Peer.isThere("skopeo"), "docker-registry or skopeo is not installed"))
    func severalTargets() async throws {
        let tote = try await ToteCase()
        let targets = "[[targets]]\nos = \"linux\"\narch = \"amd64\"\n[[targets]]\nos = \"linux\"\narch = \"arm64\"\n"
        for arch in ["amd64", "arm64"] {
            try Self.buildpack(at: "bp", id: "acme/hello", in: tote, more: targets, files: "bp/linux/\(arch)")
        }
        try await tote.giveAway()
        let host = Platform.host.architecture
        let files = try await package(tote, "hello.cnb", "--path", "bp", "--format", "file")
        #expect(tote.filtered(files.out) == "$DIR/hello-linux-amd64.cnb\n$DIR/hello-linux-arm64.cnb\n")
        var digests: [String: String] = [:]
        for arch in ["amd64", "arm64"] {
            let parts = try await digest(of: "oci-archive:\(tote.scratch.path("hello-linux-\(arch).cnb"))", platform: arch).split(
                separator: " ")
            #expect(parts[0] == arch)
            digests[arch] = String(parts[1])
        }
        #expect(digests["amd64"] != digests["arm64"])

        let kept = try await package(tote, "acme/hello", "--path", "bp")
        #expect(kept.out == "acme/hello@\(digests[host] ?? "")\n")
        #expect(kept.error.contains("only the package for linux/\(host) is kept in the store"), "\(kept)")

        let registry = try await DockerRegistry()
        let published = try await package(
            tote, "\(registry.host)/acme/hello:1", "--path", "bp", "--publish", "--tag", "\(registry.host)/acme/hello:latest")
        for tag in ["1", "latest"] {
            let raw = try await Program(["skopeo", "inspect", "--raw", "--tls-verify=false", "docker://\(registry.host)/acme/hello:\(tag)"])
                .run()
            for arch in ["amd64", "arm64"] { #expect(raw.out.contains(digests[arch] ?? "-"), "\(raw)") }
            // Of an index, skopeo tells the digest of the index itself.
            let index = try await digest(of: "docker://\(registry.host)/acme/hello:\(tag)").split(separator: " ")
            #expect(published.out == "\(registry.host)/acme/hello:1@\(index[1])\n")
        }
        // The folder, the file and the registry's index lead to the same app.
        let folder = try await build(tote, "-b", "./bp")
        #expect(folder.error.contains("acme/hello from bp/linux/\(host)"), "\(folder)")
        #expect(try await build(tote, "-b", "hello-linux-\(host).cnb").out == folder.out)
        #expect(try await build(tote, "-b", "docker://\(registry.host)/acme/hello").out == folder.out)
        // The other one's alone, too, as its label says.
        let one = try await package(tote, "one.cnb", "--path", "bp", "--format", "file", "--target", "linux/arm64")
        #expect(tote.filtered(one.out) == "$DIR/one.cnb\n")
        #expect(try await digest(of: "oci-archive:\(tote.scratch.path("one.cnb"))", platform: "arm64").contains(digests["arm64"] ?? "-"))
    }

    struct Bad: Sendable, CustomTestStringConvertible {
        var arguments: [String]
        var status: Int32 = 64
        var error: String
        var testDescription: String { error }
    }

    @Test(arguments: [
        Bad(arguments: ["x", "--config", "p.toml", "--path", "bp"], error: "ERROR: --config and --path exclude each other"),  // H-16
        Bad(arguments: ["x", "--config", "none.toml"], status: 1, error: "ERROR: reading config: there is no file '$DIR/none.toml'"),
        Bad(
            arguments: ["x", "--config", "p.toml"], status: 1,
            error: "ERROR: $DIR/p.toml:2:1: invalid package toml: unknown key 'buildpack.url'"),
        Bad(arguments: ["x", "--config", "ext.toml"], status: 1, error: "ERROR: '$DIR/ext.toml' is for a package of an extension"),
        Bad(arguments: ["x", "--path", "app"], status: 1, error: "ERROR: the buildpack"),
        // L-42
        Bad(arguments: ["x", "--path", "bp", "--publish", "--pull-policy", "never"], error: "ERROR: --publish and --pull-policy never"),
        Bad(
            arguments: ["x", "--path", "bp", "--publish", "--format", "file"],
            error: "ERROR: --publish and --format file exclude each other"),
        Bad(arguments: ["x", "--path", "bp", "--label", "x"], error: "ERROR: --label: 'x' is no label"),
        Bad(arguments: ["x", "--path", "bp", "--flatten", "-e", "acme"], error: "ERROR: --flatten-exclude: invalid format 'acme'"),  // H-55
        Bad(arguments: ["x", "--path", "bp", "-e", "acme/x@1"], error: "ERROR: --flatten-exclude goes with --flatten"),
        Bad(arguments: ["x", "--path", "bp", "--target", "a/b/c/d"], error: "ERROR: target 'a/b/c/d'"),
        Bad(arguments: ["X@sha256:\(String(repeating: "0", count: 64))", "--path", "bp"], error: "ERROR: "),
    ])
    func isTold(bad: Bad) async throws {
        let tote = try await tote()
        try tote.scratch.write("[buildpack]\nurl = \"bp\"\nuri = \"bp\"\n", to: "p.toml")
        try tote.scratch.write("[extension]\nuri = \"bp\"\n", to: "ext.toml")
        let before = tote.state()
        let result = try await tote.command(["buildpack", "package"] + bad.arguments).run()
        #expect(result.status == bad.status, "\(result)")
        #expect(tote.filtered(result.error).contains(bad.error), "\(result)")
        #expect(tote.state() == before && tote.leftInTmp().isEmpty && result.out.isEmpty)
    }

    /// H-19
    @Test func fileNames() async throws {
        let tote = try await tote()
        let odd = try await package(tote, "hello.tar", "--path", "bp", "--format", "file")
        #expect(tote.filtered(odd.out) == "$DIR/hello.tar\n")
        #expect(odd.error.contains("does not end in '.cnb'"), "\(odd)")
    }

    /// In project.toml, in place of the inline entry: the same image.
    @Test(arguments: [false, true]) func anEjectedOne(asPackage: Bool) async throws {
        let tote = try await ToteCase()
        try tote.project(InlineScript(Hello.script, id: "acme/greet"))
        let inline = try await tote.build("inline")
        try #require(inline.succeeded, "\(inline)")
        let eject = try await tote.tote("buildpack", "eject", "--path", "app", "--output", "greet")
        try #require(eject.succeeded, "\(eject)")
        var place = "./greet"
        if asPackage {
            _ = try await package(tote, "greet", "--config", "greet/package.toml", "--format", "file")
            place = "./greet.cnb"
        }
        // The app keeps its project.toml, which is part of the image; others are read.
        try tote.scratch.write("[_]\nschema-version = \"0.2\"\n", to: "plain.toml")
        try tote.scratch.write("[_]\nschema-version = \"0.2\"\n[[io.buildpacks.group]]\nuri = \"\(place)\"\n", to: "uri.toml")
        let flag = try await tote.build("flag", "--descriptor", "plain.toml", "--buildpack", place)
        #expect(flag.succeeded, "\(flag)")
        let uri = try await tote.build("uri", "--descriptor", "uri.toml")
        #expect(uri.succeeded, "\(uri)")
        for name in ["flag", "uri"] { #expect(try tote.image(name).digest == tote.image("inline").digest) }
    }
}
