import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `tote buildpack inspect` and `pull`, `tote extension inspect`.
struct ModuleInspectionTests {
    /// A composite of a composite in `top.cnb`, and its parts.
    private func tote() async throws -> ToteCase {
        let tote = try await ToteCase()
        func component(_ name: String, more: String = "") throws {
            try tote.scratch.makeFile(
                "\(name)/buildpack.toml", "api = \"0.10\"\n[buildpack]\nid = \"acme/\(name)\"\nversion = \"1.0.0\"\n\(more)\n")
            for script in ["detect", "build"] { try tote.scratch.makeFile("\(name)/bin/\(script)", "#!/bin/sh\n", mode: 0o755) }
        }
        try component("one", more: "name = \"One\"\nhomepage = \"https://one.example\"\n[[targets]]\nos = \"linux\"\narch = \"amd64\"")
        try component("two", more: "[[stacks]]\nid = \"*\"")
        func composite(_ name: String, _ groups: [[String]], _ dependencies: [String], more: String = "") throws {
            var text = "api = \"0.10\"\n[buildpack]\nid = \"acme/\(name)\"\nversion = \"1.0.0\"\n\(more)\n"
            for group in groups {
                text += "[[order]]\n"
                for id in group { text += "[[order.group]]\nid = \"acme/\(id)\"\nversion = \"1.0.0\"\noptional = \(id == "two")\n" }
            }
            try tote.scratch.makeFile("\(name)/buildpack.toml", text)
            try tote.scratch.makeFile(
                "\(name)/package.toml",
                "[buildpack]\nuri = \".\"\n" + dependencies.map { "[[dependencies]]\nuri = \"../\($0)\"\n" }.joined())
        }
        try composite("inner", [["one", "two"]], ["one", "two"])
        try composite("top", [["inner"], ["one"]], ["inner.cnb"], more: "description = \"All \\u001b[31mof it\"")
        try await tote.giveAway()
        for name in ["inner", "top"] {
            let made = try await tote.tote("buildpack", "package", name, "--config", "\(name)/package.toml", "--format", "file")
            try #require(made.succeeded, "\(made)")
        }
        return tote
    }

    @Test func ofAFile() async throws {
        let tote = try await tote()
        let result = try await tote.tote("buildpack", "inspect", "top.cnb")
        #expect(
            tote.filtered(result.out) == """
                Buildpack:  acme/top@1.0.0
                From:       top.cnb
                Digest:     sha256:…
                About:      All ?[31mof it
                Stacks:     *

                Buildpacks:
                  ID          NAME  VERSION  API   TARGETS      HOMEPAGE
                  acme/inner  -     1.0.0    0.10  -            -
                  acme/one    One   1.0.0    0.10  linux/amd64  https://one.example
                  acme/top    -     1.0.0    0.10  -            -
                  acme/two    -     1.0.0    0.10  -            -

                Detection Order:
                 ├ Group #1:
                 │  └ acme/inner@1.0.0
                 │     └ Group #1:
                 │        ├ acme/one@1.0.0
                 │        └ acme/two@1.0.0    (optional)
                 └ Group #2:
                    └ acme/one@1.0.0

                """, "\(result)")
        let flat = try await tote.tote("buildpack", "inspect", "top.cnb", "--depth", "1")
        #expect(flat.out.hasSuffix(" ├ Group #1:\n │  └ acme/inner@1.0.0\n └ Group #2:\n    └ acme/one@1.0.0\n"), "\(flat)")
        #expect(tote.leftInTmp().isEmpty)
    }

    private struct Answer: Decodable {
        struct Module: Decodable { var id: String, layer: String? }
        struct Element: Decodable { var id: String, order: [[Element]] }
        var id: String, digest: String?, modules: [Module], order: [[Element]]
    }

    private func inspect(_ tote: ToteCase, _ place: String, kind: String = "buildpack") async throws -> Answer {
        let result = try await tote.tote(kind, "inspect", place, "--output", "json", "--pull-policy", "if-not-present")
        try #require(result.succeeded, "\(result)")
        return try JSONDecoder().decode(Answer.self, from: Data(result.out.utf8))
    }

    /// Folders, also those with the parts elsewhere, images and extensions.
    @Test func ofOtherPlaces() async throws {
        let tote = try await tote()
        let folder = try await inspect(tote, "./top")
        #expect(folder.modules.map(\.id) == ["acme/top"] && folder.digest == nil && folder.order.count == 2)
        let component = try await inspect(tote, "one")
        #expect(component.order.map { $0.map(\.id) } == [["acme/one"]])
        let made = try await tote.tote("buildpack", "package", "acme/one:1", "--path", "one")
        try #require(made.succeeded, "\(made)")
        let image = try await inspect(tote, "docker://acme/one:1")
        #expect("acme/one:1@\(image.digest ?? "")\n" == made.out)
        let layer = try tote.image("acme/one:1").layers[0].diffID
        #expect(image.modules.first?.layer == "\(layer)")
        try tote.scratch.makeFile("ext/extension.toml", "api = \"0.10\"\n[extension]\nid = \"acme/ext\"\nversion = \"1\"\n")
        #expect(try await inspect(tote, "./ext", kind: "extension").id == "acme/ext")
    }

    @Test(arguments: [
        (["inspect", "none"], "ERROR: the buildpack 'none': there is nothing at 'none'"),
        (["inspect", "./none"], "ERROR: the buildpack './none': reading the buildpack './none': No such file"),
        (["inspect", "docker://tiny"], "is no package of a buildpack: it has no label"),
        (["inspect", "top.cnb", "--depth=-2"], "ERROR: --depth: -2 is no number of levels"),
        (["inspect", "a/b", "-r", "none"], "ERROR: there is no registry of buildpacks named 'none'"),
        (["pull", "./one"], "ERROR: './one' is no image of a registry"),
    ])
    func isTold(arguments: [String], message: String) async throws {
        let tote = try await ToteCase()
        try tote.scratch.makeFile("top.cnb", "x")
        let result = try await tote.command(["buildpack"] + arguments).run()
        let status: Int32 = arguments.contains("--depth=-2") ? 64 : 1
        #expect(result.status == status && result.out.isEmpty && result.error.contains(message), "\(result)")
    }

    /// From the registry into the store, by its name and by that of an index, and then without the registry.
    @Test(
        .enabled(if: DockerRegistry.isThere && Peer.isThere("git"), "docker-registry or git is not installed"))
    func pull() async throws {
        let maker = try await tote()
        let registry = try await DockerRegistry()
        let name = "\(registry.host)/acme/one:1"
        let published = try await maker.tote("buildpack", "package", name, "--path", "one", "--publish")
        try #require(published.succeeded, "\(published)")
        let digest = published.out.split(separator: "@")[1].dropLast()

        let tote = try await ToteCase()
        let pulled = try await tote.tote("buildpack", "pull", "docker://\(name)")
        #expect(pulled.out == "\(name.dropLast(2))@\(digest)\n", "\(pulled)")
        #expect(try tote.image(name).digest.description == digest)

        try tote.scratch.makeFile(
            "index/3/on/acme_one",
            #"{"ns":"acme","name":"one","version":"1.0.0","yanked":false,"addr":"\#(registry.host)/acme/one@\#(digest)"}"# + "\n")
        let commands = "git init -q . && git add . && git -c user.name=t -c user.email=t@t commit -qm one"
        let git = try await Program(
            ["sh", "-c", commands], environment: ["PATH=/usr/bin:/bin", "HOME=\(tote.scratch.path)", "GIT_CONFIG_NOSYSTEM=1"],
            directory: tote.scratch.path("index")
        ).run()
        try #require(git.succeeded, "\(git)")
        let added = try await tote.tote(
            "config", "registries", "add", "ours", "file://\(tote.scratch.path("index"))", "--type", "git", "--default")
        #expect(added.succeeded, "\(added)")
        let other = try await tote.tote("buildpack", "pull", "acme/one@1.0.0")
        #expect(other.out.hasSuffix("@\(digest)\n"), "\(other)")
        for place in ["acme/one", "urn:cnb:registry:acme/one@1.0.0", "docker://\(name)"] {
            let build = try await tote.tote("build", "app", "--path", "app", "--builder", "tiny", "--pull-policy", "never", "-b", place)
            #expect(build.succeeded, "\(build)")
        }
        let missing = try await tote.tote("buildpack", "inspect", "acme/one@2.0.0")
        #expect(
            missing.status == 1 && missing.error.contains("has no 'acme/one@2.0.0'") && missing.error.contains("it has '1.0.0'"),
            "\(missing)")
    }
}
