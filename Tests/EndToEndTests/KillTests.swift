import Glibc
import OCIImage
import TestSupport
import Testing

/// A build or a run that is asked to end leaves no process and no mount, and the next build is as usual.
struct KillTests {
    // MARK: signals that can be caught

    private static let patient = """
        trap '' INT TERM HUP QUIT
        (trap '' INT TERM HUP QUIT; setsid sleep 300) &
        echo waiting
        while :; do sleep 300; done
        """

    @Test(arguments: [SIGINT, SIGTERM, SIGHUP, SIGQUIT])
    func interrupted(signal: Int32) async throws {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let usual = try await tote.build()
        let before = tote.state()
        try tote.project(Self.patient)
        let build = try tote.command(tote.buildArguments()).start()
        try #require(try await build.waits(for: "waiting"), "\(build.errorSoFar)")
        build.signal(signal)
        let end = try await build.wait()
        #expect(!end.timedOut)
        #expect([130, 128 + signal].contains(end.status), "\(end)")
        #expect(end.errorLines.last == "ERROR: interrupted", "\(end)")
        #expect(end.out == "")
        #expect(tote.state() == before)
        #expect(tote.leftInTmp().isEmpty)
        #expect(try await Leftovers.find(of: tote.scratch.path) == [])
        try tote.project(Hello.script)
        #expect(try await tote.build().out == usual.out)
    }

    /// A terminal sends Control-C to every process in the foreground.
    @Test func interruptedByATerminal() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.patient)
        var command = tote.command(tote.buildArguments())
        command.arguments = ["setsid"] + command.arguments
        let build = try command.start()
        try #require(try await build.waits(for: "waiting"))
        Glibc.kill(-build.id, SIGINT)
        let end = try await build.wait()
        #expect(end.status == 130, "\(end)")
        #expect(try await Leftovers.find(of: tote.scratch.path) == [])
    }

    @Test func interruptedTwice() async throws {
        let tote = try await ToteCase()
        try tote.project(Self.patient)
        let build = try tote.command(tote.buildArguments()).start()
        try #require(try await build.waits(for: "waiting"))
        for _ in 0..<5 { build.signal(SIGINT) }
        let end = try await build.wait()
        #expect(end.status == 130, "\(end)")
        #expect(try await Leftovers.find(of: tote.scratch.path) == [])
    }

    /// Before anything runs in the sandbox.
    @Test func interruptedEarly() async throws {
        let tote = try await InterruptibleBuild.make()
        let usual = try await tote.build("usual")
        let digest = try #require(usual.out.split(separator: "@").last)
        for milliseconds in [5, 40, 90] {
            try await tote.forgetUnpackedLayers()
            let build = try tote.command(tote.buildArguments("early")).start()
            try await Task.sleep(for: .milliseconds(milliseconds))
            build.signal(SIGTERM)
            let end = try await build.wait()
            #expect(!end.timedOut && end.status != 0 || end.out == "early@\(digest)", "\(end)")
            #expect(try await Leftovers.find(of: tote.scratch.path) == [])
            #expect(try tote.store().validate().isEmpty)
            #expect(try await tote.build("early").out == "early@\(digest)")
        }
    }

    // MARK: tote run

    private static func service() async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(
            InlineScript(
                #"""
                cat > "$CNB_LAYERS_DIR/launch.toml" <<'EOF'
                [[processes]]
                type = "web"
                command = ["sh", "-c", "trap 'echo bye; exit 7' TERM; sleep 300 & echo ready >&2; wait"]
                default = true
                EOF
                """#))
        let build = try await tote.build()
        try #require(build.succeeded, "\(build)")
        return tote
    }

    @Test func signalsReachTheProcess() async throws {
        let tote = try await Self.service()
        let run = try tote.command(["run", "app"]).start()
        try #require(try await run.waits(for: "ready"))
        run.signal(SIGTERM)
        let end = try await run.wait()
        #expect(end.status == 7, "\(end)")
        #expect(end.out == "bye\n")
        #expect(try await Leftovers.find(of: tote.scratch.path) == [])
        #expect(tote.leftInTmp().isEmpty)
    }

    @Test func aKilledRunLeavesNothingRunning() async throws {
        let tote = try await Self.service()
        let run = try tote.command(["run", "app"]).start()
        try #require(try await run.waits(for: "ready"))
        run.kill()
        _ = try await run.wait()
        #expect(try await Leftovers.find(of: tote.scratch.path) == [])
        #expect(try await tote.tote("run", "tiny-run", "true").succeeded)
    }
}
