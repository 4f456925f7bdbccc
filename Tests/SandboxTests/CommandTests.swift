import Glibc
import Testing

@testable import Sandbox

/// Starting, output and end of commands.
@Suite struct CommandTests {
    @Test(arguments: Setup.all) func exitStatus(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        for (line, code) in [
            ("true", 0), ("exit 1", 1), ("exit 100", 100), ("sh -c 'kill -9 $$'; exit $?", 137), ("sh -c 'kill -11 $$'; exit $?", 139),
        ] as [(String, Int32)] {
            #expect(try await run.sandbox(line, setup.options).code == code, "\(line)")
        }
    }

    @Test(arguments: Setup.all) func whatCannotBeStarted(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        run.shell("printf '#!/no/such/interpreter\\n' > busybox/bin/script; chmod 755 busybox/bin/script; echo > busybox/bin/plain")
        run.giveAway()
        for program in ["/bin/nothing", "nothing", "/bin/script", "/bin/plain"] {
            let answer = try await run.probe("run", ["--scratch", run.scratch, "--lower", run.root] + setup.options, [program])
            #expect(answer.code == 127 && answer.out.contains("not started: "), "\(program) \(answer)")
        }
    }

    @Test(arguments: Setup.all) func linesComeInOrder(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        let answer = try await run.sandbox(
            "echo a; sleep 0.1; echo b >&2; sleep 0.1; echo; printf '\\303(\\n'; printf last", setup.options + ["--lines"])
        #expect(answer.lines == ["1:a", "2:b", "1:", "1:\u{fffd}(", "1:last"], "\(answer)")
    }

    @Test func allOutputArrives() async throws {
        guard let setup = Setup.all.first else { return }
        let run = try ProbeRun(setup.caller)
        let answer = try await run.sandbox("seq 200000; yes | head -c 3000000 >&2", setup.options + ["--capture"])
        #expect(answer.lines == ["captured 1288895 and 3000000 bytes"], "\(answer)")
    }

    @Test(arguments: Setup.all) func standardInput(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        #expect(try await run.sandbox("cat | wc -c", setup.options).lines == ["0"])
        let line = (run.arguments("run", ["--scratch", run.scratch, "--lower", run.root, "--input"] + setup.options, ["/bin/cat"])).joined(
            separator: " ")
        let answer = ProbeRun.Answer(try await ChildProcess(arguments: ["/bin/sh", "-c", "echo hello | \(line)"], output: .capture).end())
        #expect(answer.lines == ["hello"], "\(answer)")
    }

    @Test(arguments: Setup.all) func nothingSurvivesCancellation(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        let answer = try await run.sandbox(
            "trap '' TERM INT; sleep 600 & sleep 600 & sleep 600", setup.options + ["--cancel-after", "300"])
        #expect(answer.code == 77 && answer.lines == ["cancelled", "processes left: 0"], "\(answer)")
        #expect(try ls(run.scratch) == [])
    }

    @Test(arguments: Setup.all) func backgroundProcessesEndWithTheCommand(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        let answer = try await run.sandbox("sleep 600 & echo done", setup.options + ["--lines"])
        #expect(answer.lines == ["1:done"] && answer.code == 0, "\(answer)")
    }

    @Test(arguments: Setup.all) func terminal(_ setup: Setup) async throws {
        guard ProgramSearch.find("script") != nil else { return }
        let run = try ProbeRun(setup.caller)
        let line =
            (run.arguments("run", ["--scratch", run.scratch, "--lower", run.root, "--terminal"] + setup.options, ["/bin/sh", "-c"]))
            .joined(separator: " ") + " 'test -t 0 && test -t 1 && echo terminal; exit 7'"
        let answer = ProbeRun.Answer(
            try await ChildProcess(arguments: ["/usr/bin/script", "-qec", line, "/dev/null"], output: .capture).end())
        #expect(answer.code == 7 && answer.out.contains("terminal"), "\(answer)")
    }
}
