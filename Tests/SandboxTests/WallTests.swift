import Glibc
import Testing

@testable import Sandbox

/// What a command in the sandbox is and cannot do.
@Suite struct WallTests {
    @Test(arguments: Setup.all) func whoACommandIs(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        let line = """
            id -u; id -g; echo $$; hostname; umask; grep -E '^(Cap|NoNewPrivs|Seccomp:)' /proc/self/status | tr -d '\\t'
            grep ' / / ' /proc/self/mountinfo | cut -d' ' -f6
            """
        let answer = try await run.sandbox(line, setup.options)
        #expect(answer.code == 0, "\(answer)")
        #expect(answer.lines.prefix(5) == ["1000", "1000", "1", "tote", "0022"], "\(answer)")
        let zero = String(repeating: "0", count: 16)
        for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"] { #expect(answer.lines.contains("\(set):\(zero)"), "\(answer)") }
        #expect(answer.lines.contains("NoNewPrivs:1"))
        #expect(answer.lines.contains("Seccomp:2"))
        #expect(answer.lines.contains { $0.hasPrefix("rw,nosuid,nodev") }, "\(answer)")
    }

    @Test(arguments: Setup.all) func namespacesAndMountsAreRefused(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        let answer = try await run.sandbox(
            "unshare -U true; echo $?; unshare -m true; echo $?; mount -t tmpfs none /tmp; echo $?", setup.options)
        #expect(answer.lines.filter { $0 != "0" }.count == 3, "\(answer)")
    }

    @Test(arguments: Setup.all) func theMachineIsReadOnly(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        // As user 0 of the sandbox, too.
        for user in ["0", "1000"] {
            let answer = try await run.sandbox(
                "echo 0 > /proc/sys/kernel/panic; echo x > /sys/kernel/tote; echo h > /proc/sysrq-trigger; cat /sys/firmware/* /proc/kcore | wc -c",
                setup.options + ["--uid", user, "--gid", user])
            #expect(answer.lines == ["0"], "\(answer)")
            #expect(answer.error.contains("Read-only file system") || answer.error.contains("ermission denied"))
        }
    }

    @Test(arguments: Setup.all) func noNetworkIsNone(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        let answer = try await run.sandbox(
            "grep -c : /proc/net/dev; grep -c lo: /proc/net/dev; test -s /etc/resolv.conf && echo names", setup.options + ["--no-network"])
        #expect(answer.lines == ["1", "1"], "\(answer)")
    }

    @Test(arguments: Setup.all) func theHostsNetworkKnowsNames(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        // A link in the image, as systemd leaves one, must not matter.
        run.shell(
            "ln -s ../run/systemd/resolve/stub-resolv.conf busybox/etc/resolv.conf; chown -h \(setup.caller.id):\(setup.caller.id) busybox/etc/resolv.conf"
        )
        let answer = try await run.sandbox("cat /etc/hosts; echo x >> /etc/hosts || echo refused", setup.options)
        #expect(answer.out == (SmallFile.read("/etc/hosts") ?? "") + "refused\n", "\(answer)")
        #expect(try await run.sandbox("cat /etc/resolv.conf", setup.options).out == SmallFile.read("/etc/resolv.conf") ?? "")
    }

    @Test(arguments: Setup.all) func readOnlyPathsHold(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        run.shell("chmod 777 busybox/cnb busybox/workspace")
        let answer = try await run.sandbox(
            "touch /workspace/a && echo workspace; touch /cnb/a || echo refused", setup.options + ["--read-only", "/cnb"])
        #expect(answer.lines == ["workspace", "refused"], "\(answer)")
    }

    @Test(arguments: Setup.all) func bindMounts(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        run.shell("mkdir -m 777 writable readable; echo text > readable/file; ln -s /etc busybox/out; mkdir -p busybox/etc")
        run.giveAway()
        let options = [
            "--bind", "\(run.folder)/writable:/deep/er/w", "--bind", "\(run.folder)/readable:/out/shown:ro", "--bind",
            "\(run.folder)/readable/file:/etc/one:ro",
        ]
        let answer = try await run.sandbox(
            "touch /deep/er/w/new && echo made; cat /etc/shown/file /etc/one; touch /etc/shown/new || echo refused", setup.options + options
        )
        #expect(answer.lines == ["made", "text", "text", "refused"], "\(answer)")
        #expect(access(run.folder + "/writable/new", F_OK) == 0)
        // The link led inside the root, not to the host's own folder.
        #expect(access("/etc/shown", F_OK) != 0)
        #expect(try ls(run.scratch) == [])
    }

    @Test(arguments: Setup.all) func certificatesAreThereForTheCommandOnly(_ setup: Setup) async throws {
        let run = try ProbeRun(setup.caller)
        run.shell("printf -- '-----BEGIN CERTIFICATE-----\\nnew\\n' > ca.pem; chmod 600 ca.pem")
        run.giveAway()
        let answer = try await run.sandbox(
            "tail -n 1 $SSL_CERT_FILE $GIT_SSL_CAINFO /etc/ssl/certs/ca-certificates.crt | grep -c new",
            setup.options + ["--ca", "\(run.folder)/ca.pem"])
        #expect(answer.lines == ["3"], "\(answer)")
        #expect(SmallFile.read(run.root + "/etc/ssl/certs/ca-certificates.crt") == "old\n")
    }
}
