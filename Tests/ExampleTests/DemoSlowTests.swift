import OCIImage
import TestSupport
import Testing

/// scripts/demo, which is what `make demo` runs.
@Suite(
    .enabled(if: Surroundings.runsSlowTests, "TOTE_FAST_TESTS is set"),
    .enabled(if: Surroundings.makesBases, "bases need mmdebstrap and subordinate ids"))
struct DemoSlowTests {
    @Test func theDemoShowsWhatItPromises() async throws {
        let home = try await ExampleHome(withBase: false)
        let demo = try demo(in: home, port: try Surroundings.freePort())
        // It waits for the network most of the time, so it takes nobody's turn.
        let ran = try await demo.start().wait(limit: demo.limit)
        try #require(ran.succeeded, "\(ran)")

        #expect(ran.out.contains("The page says:\n<!doctype html>\n"))
        #expect(ran.out.contains("<h1>It works</h1>"))
        let digests = ran.outLines.compactMap { line in
            line.wholeMatch(of: #/(first|second) build: +my-py-app@(sha256:[0-9a-f]{64})/#).map { String($0.2) }
        }
        #expect(digests.count == 2)
        #expect(Set(digests) == ["\(try home.image("my-py-app").digest)"])
        #expect(ran.outLines.last == "The same image twice.")

        // "Every step prints the tote command that it runs."
        let commands = ran.errorLines.compactMap { $0.firstMatch(of: #/\$ (tote [a-z]+)/#).map { String($0.1) } }
        #expect(commands == ["tote base", "tote builder", "tote build", "tote inspect", "tote run", "tote build"])
        #expect(try await Leftovers.find(of: home.scratch.path).isEmpty)
    }

    /// Somebody else's page must not pass for the example's.
    @Test func aPortInUseIsRefusedAtOnce() async throws {
        let home = try await ExampleHome(withBase: false)
        let listener = try Listener()
        let ran = try await demo(in: home, port: listener.port).run()
        #expect(ran.status == 1)
        #expect(ran.out == "")
        #expect(
            ran.error == """
                error: something else listens on port \(listener.port)
                hint: choose another: PORT=8081 scripts/demo

                """)
        #expect(!Peer.exists(home.home))
    }

    private func demo(in home: ExampleHome, port: Int) throws -> Program {
        var demo = try home.command([])
        let programs = try ToteExecutable.path().split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 }
        demo.arguments = [Repository.path("scripts/demo")]
        demo.environment = demo.environment.map { $0.hasPrefix("PATH=") ? "PATH=\(programs):" + $0.dropFirst(5) : $0 } + ["PORT=\(port)"]
        return demo
    }
}
