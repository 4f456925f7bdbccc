import Archive
import OCIImage
import TestSupport
import Testing

/// `tote rebase` of images in the store.
struct RebaseTests {
    /// An app that shows which base it runs on, built on `tiny-run`.
    static func app(_ name: String = "app", more: String...) async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.command(tote.buildArguments(name, more)).run()
        try #require(build.succeeded, "\(build)")
        return tote
    }

    /// The layers above the run image's.
    static func appLayers(_ image: Image, above count: Int = 2) -> [Descriptor] { Array(image.manifest.layers.dropFirst(count)) }

    @Test func aNewReleaseUnderTheSameName() async throws {
        let tote = try await Self.app()
        let before = try tote.image()
        let base = try TinyBase.putRunImage("tiny-run", [["etc/tiny-run": "next\n"], ["etc/more": "more\n"]], in: tote.store()) {
            $0.labels["io.buildpacks.base.released"] = "2026-02-02"
            $0.labels["org.other"] = "not the app's business"
            $0.environment = ["PATH=/nowhere"]
        }
        let rebase = try await tote.tote("rebase", "app", "--report-output-dir", "out")
        try #require(rebase.succeeded, "\(rebase)")
        let after = try tote.image()
        #expect(rebase.out == "app@\(after.digest)\n")
        #expect(rebase.errorLines.contains("Successfully rebased image 'app:latest' (tiny-run:latest)"))
        // F-9
        #expect(after.manifest.layers == base.manifest.layers + Self.appLayers(before))
        #expect(after.config.diffIDs == base.config.diffIDs + before.config.diffIDs.dropFirst(2))
        // F-13
        #expect(after.config.history.map(\.createdBy).suffix(6) == before.config.history.map(\.createdBy).suffix(6))
        #expect(after.config.isHistoryAligned && after.config.created == "1980-01-01T00:00:01Z")
        // F-10, F-11
        let labels = after.config.settings.labels
        #expect(labels["io.buildpacks.base.released"] == "2026-02-02" && labels["org.other"] == nil)
        #expect(labels["io.buildpacks.lifecycle.metadata"]?.contains("index.docker.io/library/tiny-run@\(base.digest)") == true)
        #expect(after.manifest.annotations["org.opencontainers.image.base.digest"] == "\(base.digest)")
        // F-12
        #expect(after.config.settings.environment == before.config.settings.environment)
        // D-76
        #expect(
            tote.scratch.text("out/report.toml") == """
                [image]
                  tags = ["app:latest"]
                  digest = "\(after.digest)"
                  manifest-size = \(after.manifestBytes.count)

                """)
        let run = try await tote.tote("run", "app")
        #expect(run.out == Hello.text + "\n", "\(run)")
        let shown = try await tote.tote("run", "--entrypoint", "launcher", "app", "cat", "/etc/tiny-run", "/etc/more")
        #expect(shown.succeeded && shown.out == "next\nmore\n", "\(shown)")
        #expect(try tote.store().validate().isEmpty)
        // The old image's documents are gone, and so is its base's layer that nothing else has.
        #expect(!(try tote.store().contains(before.digest)))

        // F-16
        let again = try await tote.tote("rebase", "app")
        #expect(again.out == rebase.out)
        #expect(again.errorLines.contains { $0.contains("stood on that base already") })
    }

    /// Nothing of the new base shows in the app's part, so building on it gives the very same image.
    @Test func aRebaseIsWhatABuildOnTheNewBaseGives() async throws {
        let tote = try await Self.app()
        try TinyBase.putRunImage("tiny-run", in: tote.store())
        let rebase = try await tote.tote("rebase", "app")
        try #require(rebase.succeeded, "\(rebase)")
        #expect(try await tote.build().out == rebase.out)
        // Another home, another time.
        let other = try await Self.app()
        try TinyBase.putRunImage("tiny-run", in: other.store())
        #expect(try await other.tote("rebase", "app").out == rebase.out)
    }

    @Test func another() async throws {
        let tote = try await Self.app()
        let before = tote.state()
        try TinyBase.putRunImage("tiny-run:2", in: tote.store())
        try TinyBase.putRunImage("elsewhere/run", in: tote.store())
        let state = tote.state()
        #expect(before != state)
        // F-8: the letter refuses any other name.
        let strict = try await tote.tote("rebase", "app", "--run-image", "tiny-run:2", "--strict")
        #expect(strict.status == 72)
        #expect(
            strict.errorLines == [
                "ERROR: 'app:latest' cannot be rebased: new base image 'tiny-run:2' not found in existing run image metadata: "
                    + "the app image remembers 'tiny-run'",
                "hint: if that image can take its place, --force puts the app on it all the same",
            ])
        let stranger = try await tote.tote("rebase", "app", "--run-image", "elsewhere/run")
        #expect(stranger.status == 72 && stranger.error.contains("'elsewhere/run' not found"), "\(stranger)")
        #expect(tote.state() == state)

        // An ordinary update of the base needs no force.
        let update = try await tote.tote("rebase", "app", "--run-image", "tiny-run:2")
        try #require(update.succeeded, "\(update)")
        #expect(
            update.errorLines.first
                == "'tiny-run:2' is of the same repository as 'tiny-run', which the app image remembers, and fits it in os, architecture and distribution"
        )
        let metadata = try tote.image().config.settings.labels["io.buildpacks.lifecycle.metadata"] ?? ""
        #expect(
            metadata.contains(#""runImage":{"image":"tiny-run:2","#) && metadata.contains(#""stack":{"runImage":{"image":"tiny-run:2"}}"#))
        #expect(try await tote.tote("rebase", "app").out == update.out)

        let forced = try await tote.tote("rebase", "app", "--run-image", "elsewhere/run", "--force")
        #expect(forced.succeeded && forced.error.contains("Warning: new base image 'elsewhere/run' not found"), "\(forced)")
        #expect(try tote.image().config.settings.labels["io.buildpacks.lifecycle.metadata"]?.contains(#""image":"elsewhere/run""#) == true)
    }

    /// What does not fit is told with both values, and nothing is written.
    @Test func whatDoesNotFit() async throws {
        let tote = try await Self.app()
        let store = try tote.store()
        try TinyBase.putRunImage("tiny-run:13", in: store) { $0.labels["io.buildpacks.base.distro.version"] = "13" }
        try TinyBase.putRunImage("tiny-run:s390x", platform: Platform(os: "linux", architecture: "s390x"), in: store)
        try TinyBase.putRunImage("app2", in: store) { _ in }
        let empty = try Image(config: ImageConfig(platform: .host), blobs: store)
        try store.tag(empty, [try Reference(parsing: "tiny-run:empty")])
        let state = tote.state()
        for (arguments, message) in [
            (
                ["app", "--run-image", "tiny-run:13"],
                "unable to satisfy target os/arch constraints: the app image is for linux/amd64 (debian@12), the new run image for linux/amd64 (debian@13)"
            ),
            (
                ["app", "--run-image", "tiny-run:s390x"],
                "unable to satisfy target os/arch constraints: the app image is for linux/amd64 (debian@12), the new run image for linux/s390x (debian@12)"
            ),
            (["app2"], "could not find label 'io.buildpacks.lifecycle.metadata' on image: no lifecycle built 'app2:latest'"),
            (["app", "--run-image", "tiny-run:empty"], "the run image 'tiny-run:empty' has no layers: nothing can stand on it"),
            (["app", "--run-image", "no/such", "--pull-policy", "never"], "the run image 'no/such' is not in tote's store"),
            (["none"], "there is no image 'none:latest' in tote's store"),
        ] {
            let rebase = try await tote.command(["rebase"] + arguments).run()
            #expect(rebase.status == 72 && rebase.out == "", "\(rebase)")
            #expect(rebase.error.ranges(of: "ERROR:").count == 1 && rebase.error.contains(message), "\(rebase)")
        }
        #expect(tote.state() == state)
        #expect(tote.leftInTmp().isEmpty)
        let forced = try await tote.tote("rebase", "app", "--run-image", "tiny-run:13", "--force")
        #expect(forced.succeeded, "\(forced)")
        #expect(try tote.image().config.settings.labels["io.buildpacks.base.distro.version"] == "13")
    }

    // F-6
    @Test func anImageThatMustStayOnItsBase() async throws {
        let tote = try await ToteCase()
        try TinyBase.putRunImage("tiny-run", in: tote.store()) { $0.labels["io.buildpacks.rebasable"] = "false" }
        try tote.project(Hello.script)
        try #require(try await tote.build().succeeded)
        try TinyBase.putRunImage("tiny-run", [["etc/tiny-run": "third\n"]], in: tote.store())
        let refused = try await tote.tote("rebase", "app")
        #expect(refused.status == 72)
        #expect(
            refused.error.contains("the app image is not marked as rebasable: its label 'io.buildpacks.rebasable' is 'false'"), "\(refused)"
        )
        let forced = try await tote.tote("rebase", "app", "--force")
        #expect(forced.succeeded && forced.error.contains("Warning: the app image is not marked as rebasable"), "\(forced)")
    }

    @Test func severalAtOnce() async throws {
        let tote = try await Self.app("one")
        try #require(try await tote.build("two").succeeded)
        try TinyBase.putRunImage("tiny-run:2", in: tote.store())
        try #require(try await tote.build("three", "--run-image", "tiny-run:2").succeeded)
        try TinyBase.putRunImage("tiny-run", in: tote.store())

        // One that fails does not keep the others from it.
        let some = try await tote.tote("rebase", "one", "none", "one", "two", "--report-output-dir", "out")
        #expect(some.status == 72)
        #expect(some.outLines == ["one@\(try tote.image("one").digest)", "two@\(try tote.image("two").digest)"], "\(some)")
        #expect(some.error.contains("ERROR: 'none:latest' cannot be rebased"))
        #expect(tote.scratch.text("out/docker.io/library/two/latest/report.toml").contains("two:latest"))
        #expect(tote.scratch.text("out/docker.io/library/one/latest/report.toml").contains("one:latest"))
        let all = try await tote.tote("rebase", "--all")
        #expect(all.succeeded && all.outLines.count == 3, "\(all)")
        for wrong in [
            ["--all", "one"], [], ["--all", "--publish"], ["oci:x", "--publish"], ["one@sha256:\(String(repeating: "0", count: 64))"],
        ] {
            let refused = try await tote.command(["rebase"] + wrong).run()
            #expect(refused.status == 64 && refused.error.hasPrefix("ERROR: "), "\(refused)")
        }
    }

    @Test func whatIsWrongWithTheCommand() async throws {
        let tote = try await ToteCase(isEmpty: true)
        for option in ["--run-image", "--previous-image"] {
            let wrong = try await tote.tote("rebase", "app", option, "Bad")
            #expect(wrong.status == 64 && wrong.error.hasPrefix("ERROR: \(option): 'Bad' is not an image reference"), "\(wrong)")
        }
        // Programs are told the status that the command ends with.
        let several = try await tote.tote("rebase", "one", "two", "--progress", "json")
        #expect(several.status == 72 && several.errorLines.count { $0.contains(#""type":"error""#) } == 2, "\(several)")
        #expect(several.errorLines.allSatisfy { $0.contains(#""status":72"#) }, "\(several)")
    }

    // F-2
    @Test func fromAnotherImage() async throws {
        let tote = try await Self.app()
        let before = try tote.image()
        try TinyBase.putRunImage("tiny-run", in: tote.store())
        let rebase = try await tote.tote("rebase", "new", "--previous-image", "app")
        #expect(rebase.out == "new@\(try tote.image("new").digest)\n", "\(rebase)")
        #expect(try tote.image().digest == before.digest)
    }
}
