import OCIImage
import TestSupport
import Testing

/// The session of README.md, on the base that it makes.
@Suite(
    .enabled(if: Surroundings.runsSlowTests, "TOTE_FAST_TESTS is set"),
    .enabled(if: Surroundings.makesBases, "bases need mmdebstrap and subordinate ids"))
struct HelloShellSlowTests {
    @Test func theSessionOfTheReadmeIsWhatHappens() async throws {
        let blocks = Markdown(try Repository.text("README.md")).blocks.filter { $0.language == "console" }
        let session = blocks.flatMap(Markdown.session)
        let (build, expectedBuild) = try #require(session.first { $0.command.hasPrefix("tote build hello ") })
        let (run, expectedRun) = try #require(session.first { $0.command == "tote run hello" })
        let home = try await ExampleHome(withBase: true)

        let built = try await home.tote(Array(ShellWords.commands(build)[0].dropFirst()))
        try #require(built.succeeded, "\(built)")
        #expect(Array(built.story.prefix(expectedBuild.count)) == expectedBuild)
        #expect(built.out == "hello@\(try home.image("hello").digest)\n")

        let ran = try await home.tote(Array(ShellWords.commands(run)[0].dropFirst()))
        #expect(ran.succeeded && ran.story == [], "\(ran)")
        #expect(ran.outLines == expectedRun)

        // "Build it again: the digest is the same. `tote inspect hello` shows its layers."
        let again = try await home.tote(Array(ShellWords.commands(build)[0].dropFirst()))
        #expect(again.out == built.out)
        let inspected = try await home.tote("inspect", "hello")
        #expect(inspected.out.contains("Layer: 'greeting', Created by buildpack: example/hello@0.0.0"))
    }

    /// The README's commands before that are those that made the base.
    @Test func theSessionBeginsWithTheBase() throws {
        let blocks = Markdown(try Repository.text("README.md")).blocks.filter { $0.language == "console" }
        let commands = blocks.flatMap(Markdown.session).map(\.command).filter { $0.hasPrefix("tote ") }
        #expect(
            commands.starts(with: [
                "tote base create debian12 --suite bookworm", "tote builder create my-builder --config Examples/builder/builder.toml",
            ]))
    }

    @Test func theExampleNeedsNoNetwork() async throws {
        let home = try await ExampleHome(withBase: true)
        let arguments = ["build", "hello", "--path", "Examples/hello-shell", "--builder", "my-builder"]
        let with = try await home.tote(arguments)
        let without = try await home.tote(arguments + ["--network", "none", "--clear-cache"])
        #expect(with.succeeded && with.warnings == [], "\(with)")
        #expect(without.out == with.out)
        #expect(try home.store().validate().isEmpty)
    }
}
