import Glibc
import Testing

@testable import Sandbox

/// The process that stays outside of the namespaces.
@Suite struct SupervisorTests {
    private static let callers = Setup.all.isEmpty ? [] : Caller.available

    @Test(arguments: callers) func itsChildIsProcessOneOfUserZero(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        #expect(try await run.probe("mode").lines == ["\(caller) pid 1 uid 0 gid 0"])
    }

    @Test(arguments: callers) func statusIsPassedOn(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        #expect(try await run.probe("inside", [], ["exit 42"]).code == 42)
    }

    @Test(arguments: callers) func killingItKillsEverything(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        let mark = "\(Int.random(in: 100_000_000...999_999_999))"
        let child = try Started(
            run.arguments(
                "run", ["--scratch", run.scratch, "--lower", run.root, "--lines"],
                ["/bin/sh", "-c", "sleep \(mark) & echo up; sleep \(mark)"]))
        await child.line("1:up")
        #expect(processes(with: mark) > 0)
        child.signal(SIGKILL)
        for _ in 0..<200 where processes(with: mark) > 0 { try await Task.sleep(for: .milliseconds(20)) }
        #expect(processes(with: mark) == 0)
        #expect(SmallFile.read("/proc/self/mountinfo")?.contains(run.folder) == false)
        // What it left is told by its lock and swept by the next one.
        #expect(try ls(run.scratch).count == 1)
        #expect(try await run.probe("sweep", ["--scratch", run.scratch]).code == 0)
        #expect(try ls(run.scratch) == [])
    }

    @Test(arguments: callers, [SIGINT, SIGTERM, SIGHUP]) func signalsCancel(_ caller: Caller, _ signal: Int32) async throws {
        let run = try ProbeRun(caller)
        let child = try Started(
            run.arguments("run", ["--scratch", run.scratch, "--lower", run.root, "--lines"], ["/bin/sh", "-c", "echo up; sleep 600"]))
        await child.line("1:up")
        child.signal(signal)
        #expect(await child.end().code == 77)
        #expect(try ls(run.scratch) == [])
    }

    @Test(arguments: callers) func signalsReachTheCommand(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        let child = try Started(
            run.arguments(
                "run", ["--scratch", run.scratch, "--lower", run.root, "--lines", "--forward"],
                ["/bin/sh", "-c", "trap 'exit 9' TERM; echo up; while :; do sleep 0.05; done"]))
        await child.line("1:up")
        child.signal(SIGTERM)
        #expect(await child.end().code == 9)
    }

    @Test(arguments: callers) func aLivingScratchFolderIsNotSwept(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        let child = try Started(run.arguments("hold", ["--scratch", run.scratch]))
        await child.anyLine()
        #expect(try await run.probe("sweep", ["--scratch", run.scratch]).code == 0)
        #expect(try ls(run.scratch).count == 1)
        child.signal(SIGTERM)
        #expect(await child.end().code == 0)
        #expect(try ls(run.scratch) == [])
    }

    @Test(arguments: callers.filter { $0 == .single }) func aMissingIDIsExplained(_ caller: Caller) async throws {
        let run = try ProbeRun(caller)
        let answer = try await run.probe("many-ids")
        #expect(answer.code == 1)
        #expect(answer.error.contains("making a base image needs more than one user id"))
        #expect(answer.error.contains("sudo usermod --add-subuids "))
    }
}

/// A probe that is still running, line by line.
struct Started {
    private let process: ChildProcess
    private let lines: AsyncStream<String>
    private let ending: Task<SandboxExit, Never>

    init(_ arguments: [String]) throws {
        let (lines, continuation) = AsyncStream<String>.makeStream()
        self.lines = lines
        let process = try ChildProcess(arguments: arguments, output: .lines { continuation.yield($0.text) })
        self.process = process
        ending = Task {
            // Nobody waits for a line that cannot come any more.
            defer { continuation.finish() }
            return await process.end()
        }
    }

    func line(_ text: String) async { _ = await lines.first { $0 == text } }
    func anyLine() async { _ = await lines.first { _ in true } }
    func end() async -> SandboxExit { await ending.value }

    /// To the supervisor: setpriv replaces itself by it.
    func signal(_ signal: Int32) { process.send(signal) }
}

/// How many processes have this word in their command line.
func processes(with mark: String) -> Int {
    var count = 0
    for name in (try? ls("/proc")) ?? [] where name.first?.isNumber == true {
        if SmallFile.read("/proc/\(name)/cmdline")?.contains(mark) == true { count += 1 }
    }
    return count
}
