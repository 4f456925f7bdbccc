import OCIImage
import TestSupport
import Testing

/// The smallest build there is, from project.toml to a running process.
struct HelloTests {
    @Test func buildSaysWhatItMade() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build()
        try #require(build.succeeded, "\(build)")
        let image = try tote.image()

        // L-7: for scripts, and nothing else.
        #expect(build.out == "app@\(image.digest)\n")
        let phases = build.errorLines.filter { $0.hasPrefix("===>") }
        #expect(phases == ["===> ANALYZING", "===> DETECTING", "===> RESTORING", "===> BUILDING", "===> EXPORTING"])
        let building = try #require(build.errorLines.firstIndex(of: "===> BUILDING"))
        let told = build.errorLines[building...].map(tote.filtered)
        let expected = """
            ===> BUILDING
            [test/script] The greeting is ready
            ===> EXPORTING
            Adding layer 'test/script:greeting'
            Added 1/1 app layer(s)
            Setting default process type 'hello'
            Successfully built image 'app:latest'
              digest:  sha256:…
            """
        #expect(told.prefix(8).joined(separator: "\n") == expected)
        #expect(told.contains("  in:      $DIR/tote/images"))
        #expect(told.contains("  tote run app"))
        #expect(told.contains { $0.contains("podman run --rm ") })
        #expect(
            told.last
                == "  skopeo copy oci:$DIR/tote/images:docker.io/library/app:latest docker-daemon:docker.io/library/app:latest && docker run --rm app"
        )
        #expect(build.error.contains("  digest:  \(image.digest)\n"))
        #expect(tote.leftInTmp().isEmpty)
        #expect(try tote.store().validate().isEmpty)
    }

    @Test func quietSaysTheResultOnly() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app", "--quiet")
        #expect(build.error == "")
        #expect(build.out == "app@\(try tote.image().digest)\n")
    }

    // L-1
    @Test func everyLineOfTheLogHasTheTime() async throws {
        let tote = try await ToteCase()
        try tote.project(InlineScript(Hello.script), InlineScript("exit 3", id: "test/fails"))
        let failed = try await tote.build("app", "--timestamps")
        try tote.project(Hello.script)
        let build = try await tote.build("app", "--timestamps")
        for line in build.errorLines + failed.errorLines {
            #expect(line.prefixMatch(of: #/\d{4}/\d\d/\d\d \d\d:\d\d:\d\d\.\d{6} /#) != nil, "\(line)")
        }
        #expect(build.errorLines.contains { $0.hasSuffix(" [test/script] The greeting is ready") })
        #expect(failed.errorLines.contains { $0.contains(" ERROR: ") })
        // Results have none, and quiet stays quiet.
        #expect(build.out == "app@\(try tote.image().digest)\n")
        let quiet = try await tote.build("app", "--timestamps", "--quiet")
        #expect(quiet.error == "" && quiet.out == build.out)
    }

    @Test func coloursAreAChoice() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let colourful = try await tote.build("app", environment: ["NO_COLOR": "", "FORCE_COLOR": "1"])
        #expect(colourful.error.contains("\u{1b}["))
        let plain = try await tote.build("app", "--no-color", environment: ["NO_COLOR": "", "FORCE_COLOR": "1"])
        #expect(!plain.error.contains("\u{1b}["))
    }

    @Test func runStartsTheDefaultProcess() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try #require(try await tote.build().succeeded)
        let run = try await tote.tote("run", "app")
        #expect(run.succeeded, "\(run)")
        #expect(run.out == Hello.text + "\n")
        // Layers are unpacked by now: nothing more is said.
        let again = try await tote.tote("run", "app")
        #expect(again.out == Hello.text + "\n")
        #expect(again.error == "")
        #expect(tote.leftInTmp().isEmpty)
    }

    @Test func secondBuildReusesAndHasTheSameDigest() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let first = try await tote.build()
        let before = tote.state()
        let second = try await tote.build()
        try #require(first.succeeded && second.succeeded, "\(second)")
        #expect(second.out == first.out)
        #expect(second.errorLines.contains("Reusing layer 'test/script:greeting'"))  // IN-12
        #expect(second.errorLines.contains("Reused 1/1 app layer(s)"))
        #expect(tote.state() == before)
    }

    @Test func inspectShowsWhatTheImageIsMadeOf() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        try #require(try await tote.build().succeeded)
        let shown = try await tote.tote("inspect", "app")
        #expect(shown.succeeded && shown.error == "", "\(shown)")
        let lines = shown.outLines.map(tote.filtered)
        // A name of tote's own is nothing to ask a registry about.
        #expect(
            lines.starts(with: [
                "Inspecting image: 'app:latest'", "", "REMOTE:", "(not asked)", "", "LOCAL:", "", "Location:  tote's store",
                "Digest:    sha256:…",
            ]))
        #expect(lines.contains("Created:   1980-01-01T00:00:01Z"))
        #expect(lines.contains { $0.hasPrefix("  test/script") && $0.hasSuffix("0.0.0") })
        #expect(
            lines.contains {
                $0.hasPrefix("  hello (default)") && $0.contains("cat") && $0.contains("/layers/test_script/greeting/hello.txt")
            })
        #expect(lines.contains { $0.contains("Layer: 'greeting', Created by buildpack: test/script@0.0.0") })

        let json = try await tote.tote("inspect", "app", "--output", "json")
        #expect(json.out.contains("\"image_name\" : \"app:latest\""))
        #expect(json.out.contains("\"digest\" : \"\(try tote.image().digest)\""))
        #expect(json.out.contains("\"type\" : \"hello\""))
    }

    @Test func moreTagsAreTheSameImage() async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build("app:1", "--tag", "app:2", "-t", "ghcr.io/acme/app")
        try #require(build.succeeded, "\(build)")
        let digests = try ["app:1", "app:2", "ghcr.io/acme/app:latest"].map { try tote.image($0).digest }
        #expect(Set(digests).count == 1)
        #expect(build.errorLines.contains("  also as: app:2"))
        #expect(build.errorLines.contains("  also as: ghcr.io/acme/app:latest"))
        #expect(try tote.store().image(Reference(parsing: "app")) == nil)
    }

    @Test func version() async throws {
        let tote = try await ToteCase(isEmpty: true)
        let version = try await tote.tote("version")
        #expect(version.succeeded && version.error == "")
        #expect(version.out.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
        // It touches nothing.
        #expect(!Peer.exists(tote.home))
    }
}
