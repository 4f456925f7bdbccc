import OCIImage
import TestSupport
import Testing

/// From nothing, or from an inline buildpack, to a buildpack of one's own.
struct AuthoringTests {
    /// A builder `own` whose order is the buildpack in this folder.
    private func makeBuilder(_ tote: ToteCase, from folder: String, id: String) async throws {
        let order = "[[buildpacks]]\nuri = \"\(folder)\"\n[[order]]\n[[order.group]]\nid = \"\(id)\"\n"
        try tote.scratch.write(order + TinyHome.builder, to: "builder.toml")
        let made = try await tote.tote("builder", "create", "own", "--config", "builder.toml")
        #expect(made.succeeded, "\(made)")
    }

    @Test(arguments: ["0.7", "0.8", "0.9", "0.10", "0.12"])
    func aNewBuildpackWorksAtOnce(api: String) async throws {
        let tote = try await ToteCase()
        let new = try await tote.tote("buildpack", "new", "acme/hello", "--api", api)
        #expect(new.succeeded, "\(new)")
        #expect(tote.filtered(new.out) == "$DIR/hello\n")
        try await makeBuilder(tote, from: "hello", id: "acme/hello")
        let build = try await tote.tote("build", "app", "--path", "app", "--builder", "own", "--pull-policy", "never")
        #expect(build.succeeded, "\(build)")
        let run = try await tote.tote("run", "app")
        #expect(run.out == "Hello from acme/hello\n", "\(run)")
        let again = try await tote.tote("buildpack", "new", "acme/hello")
        #expect(again.status == 1)
        #expect(again.error == "ERROR: 'hello' exists already\nhint: give another place, or remove it first\n")
    }

    @Test func aNewExtensionIsMade() async throws {
        let tote = try await ToteCase()
        let new = try await tote.tote("extension", "new", "acme/curl", "-p", "ext", "-V", "0.1.0", "-t", "linux/amd64,linux/arm64")
        #expect(new.succeeded, "\(new)")
        #expect(
            tote.scratch.text("ext/extension.toml").contains("arch = \"arm64\""), "\(tote.scratch.text("ext/extension.toml"))")
        let syntax = try await Program(["bash", "-n", "ext/bin/detect", "ext/bin/generate"], directory: tote.scratch.path).run()
        #expect(syntax.succeeded, "\(syntax)")
    }

    /// The app keeps its project.toml, which is part of the image; the second build reads another one.
    @Test func anEjectedBuildpackGivesTheSameImage() async throws {
        let tote = try await ToteCase()
        try tote.project(InlineScript(Hello.script, id: "acme/greet"))
        let inline = try await tote.build("inline")
        #expect(inline.succeeded, "\(inline)")
        let eject = try await tote.tote("buildpack", "eject", "--path", "app", "--output", "greet")
        #expect(eject.succeeded, "\(eject)")
        #expect(tote.filtered(eject.out) == "$DIR/greet\n")
        try await makeBuilder(tote, from: "greet", id: "acme/greet")
        try tote.scratch.write("[_]\nschema-version = \"0.2\"\n", to: "plain.toml")
        let arguments = ["build", "ejected", "--path", "app", "--descriptor", "plain.toml", "--builder", "own", "--pull-policy", "never"]
        let ejected = try await tote.command(arguments).run()
        #expect(ejected.succeeded, "\(ejected)")
        #expect(try tote.image("ejected").digest == tote.image("inline").digest)
    }

    @Test func ejectingChangesNothingThatIsThere() async throws {
        let tote = try await ToteCase()
        try tote.project(InlineScript("true", id: "a"), InlineScript("true", id: "b"))
        try tote.scratch.makeFile("taken/file", "mine")
        for (arguments, message) in [
            (["a", "--output", "taken"], "'taken' exists already"),
            (["--output", "new"], "several inline buildpacks"),
            (["c", "--output", "new"], "no inline buildpack 'c'"),
            (["a", "--output", "no/new"], "there is no folder"),
            (["a", "--output", "new", "--descriptor", "other.toml"], "there is no project descriptor 'other.toml'"),
            (["a", "--output", "new", "--path", "taken"], "there is no project.toml in"),
        ] {
            let eject = try await tote.command(["buildpack", "eject", "--path", "app"] + arguments).run()
            #expect(eject.status == 1, "\(eject)")
            #expect(eject.error.contains(message), "\(eject)")
            #expect(!Peer.exists(tote.scratch.path("new")))
        }
        #expect(tote.scratch.text("taken/file") == "mine")
    }

    // L-24, L-28
    @Test func buildersAreSuggested() async throws {
        let tote = try await ToteCase()
        let table = try await tote.tote("builder", "suggest")
        #expect(table.succeeded)
        #expect(table.outLines.count == 14)
        let json = try await tote.tote("builder", "suggest", "--output", "json")
        let build = try await tote.tote("build", "app", "--path", "app")
        #expect(build.status == 2)
        for name in ["gcr.io/buildpacks/builder:google-22", "heroku/builder:24", "paketobuildpacks/builder-jammy-base"] {
            for text in [table.out, json.out, build.error] { #expect(text.contains(name)) }
        }
    }
}
