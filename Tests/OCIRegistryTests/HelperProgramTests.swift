import Diagnostics
import Glibc
import OCIRegistry
import TestSupport
import Testing

/// Credential helpers as real programs.
@Suite struct HelperProgramTests {
    private func helper(_ script: String, timeLimit: Duration = .seconds(20)) throws -> (HelperProgram, ScratchDirectory) {
        let scratch = try ScratchDirectory()
        try scratch.write("#!/bin/sh\n\(script)\n", to: "docker-credential-test")
        chmod(scratch.path("docker-credential-test"), 0o700)
        return (HelperProgram(environment: ["PATH": "\(scratch.path):/usr/bin:/bin", "MARK": "m"], timeLimit: timeLimit), scratch)
    }

    private func run(_ script: String, server: String = "r.example", timeLimit: Duration = .seconds(20)) async throws -> (Int32, String) {
        let (helper, scratch) = try helper(script, timeLimit: timeLimit)
        defer { withExtendedLifetime(scratch) {} }
        let output = try await helper.run("docker-credential-test", server: server)
        return (output.exitStatus, output.output.reveal())
    }

    @Test func asksAndAnswers() async throws {
        let (status, text) = try await run(#"read -r server; echo "$1 $server $MARK"; echo noise >&2; cat"#)
        #expect(status == 0)
        #expect(text == "get r.example m\n")
    }

    /// Connections to registries, for example.
    @Test func inheritsNoFiles() async throws {
        let mark = open("/dev/null", O_RDONLY)
        defer { close(mark) }
        #expect(try await run("ls -l /proc/self/fd | grep -c /dev/null").1 == "1\n")
    }

    @Test func exitStatus() async throws {
        #expect(try await run("echo no; exit 3") == (3, "no\n"))
        #expect(try await run("kill -9 $$").0 == 137)
    }

    @Test func silentOne() async throws {
        let error = await #expect(throws: Fault.self) { try await run("sleep 60", timeLimit: .milliseconds(200)) }
        #expect(error?.message.contains("did not answer in time") == true)
        // It closes its output, but stays.
        await #expect(throws: Fault.self) { try await run("exec >&- <&-; sleep 60", timeLimit: .milliseconds(200)) }
    }

    @Test func endlessOne() async throws {
        let error = await #expect(throws: Fault.self) { try await run("yes") }
        #expect(error?.message.contains("more than any credential") == true)
    }

    @Test func missingOne() async throws {
        let helper = HelperProgram(environment: ["PATH": "/nowhere::."])
        let error = await #expect(throws: Fault.self) { try await helper.run("docker-credential-test", server: "x") }
        #expect(error?.message == "the credential helper 'docker-credential-test' is not installed")
    }

    @Test func cancelled() async throws {
        let (helper, scratch) = try helper("sleep 60")
        defer { withExtendedLifetime(scratch) {} }
        let task = Task { try await helper.run("docker-credential-test", server: "x") }
        try await Task.sleep(for: .milliseconds(100))
        let start = ContinuousClock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(ContinuousClock.now - start < .seconds(40))
    }
}
