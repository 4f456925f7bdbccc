import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// `docker-credential-*` programs run as the caller, outside of every namespace that tote enters, for every kind of user.
@Suite(.enabled(if: DockerRegistry.isThere && Peer.isThere("skopeo"), "docker-registry or skopeo is not installed"))
struct CredentialHelperTests {
    private static let password = "a secret word"

    /// A registry that wants to know who asks, and has the tiny builder.
    private func registry() async throws -> (DockerRegistry, ScratchDirectory) {
        let scratch = try ScratchDirectory()
        // bcrypt of the password.
        try scratch.write("alice:$2b$05$abcdefghijklmnopqrstuunrlB6l4ErRSz86t04PNr4QeEMTIY6ZW\n", to: "htpasswd")
        let registry = try await DockerRegistry(extra: "auth: {htpasswd: {realm: test, path: \(scratch.path("htpasswd"))}}")
        let maker = try await ToteCase()
        let copy = try await Program([
            "skopeo", "--insecure-policy", "copy", "--dest-tls-verify=false", "--dest-creds", "alice:\(Self.password)",
            "oci:\(maker.home)/images:docker.io/library/tiny:latest", "docker://\(registry.host)/team/builder:1",
        ]).run()
        guard copy.succeeded else { throw TestSetupError("\(copy)") }
        return (registry, scratch)
    }

    /// A user whose credentials a helper program keeps.
    private func user(_ account: Account, of registry: DockerRegistry, helper script: String) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try tote.project(Hello.script)
        try tote.scratch.makeFile("bin/docker-credential-test", "#!/bin/sh\nset -e\n\(script)\n", mode: 0o755)
        try tote.scratch.makeFile("user/.docker/config.json", #"{"credHelpers": {"\#(registry.host)": "test"}}"#, mode: 0o600)
        try await tote.giveAway()
        return tote
    }

    private func path(_ tote: ToteCase) -> [String: String] { ["PATH": "\(tote.scratch.path("bin")):\(TinyBase.path)"] }

    private func link(_ name: String) -> String {
        (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/\(name)")) ?? ""
    }

    @Test(arguments: [Account.current] + Account.ordinary, ["build", "pull"])
    func runsOutside(account: Account, command: String) async throws {
        let (registry, keep) = try await registry()
        defer { withExtendedLifetime(keep) {} }
        // What it reports exists outside only: this process, by its number, and these namespaces.
        let tote = try await user(
            account, of: registry,
            helper: """
                read -r server || true
                { id -u; cat /proc/\(getpid())/comm; for n in user pid mnt; do readlink /proc/self/ns/$n; done; echo "$1 $server"; } >> "$HOME/report"
                echo '{"Username": "alice", "Secret": "\(Self.password)"}'
                echo '\(Self.password)' >&2
                """)
        let arguments =
            command == "pull"
            ? ["images", "pull", "\(registry.host)/team/builder:1"]
            : ["build", "app", "--path", "app", "--builder", "\(registry.host)/team/builder:1"]
        let result = try await tote.command(arguments + ["--verbose"], environment: path(tote)).run()
        #expect(result.succeeded, "\(result)")
        let comm = try String(contentsOf: URL(filePath: "/proc/self/comm"), encoding: .utf8)
        let expected = "\(account.id)\n\(comm)\(link("user"))\n\(link("pid"))\n\(link("mnt"))\nget \(registry.host)\n"
        #expect(tote.scratch.text("user/report") == expected)
        #expect(!result.error.contains(Self.password) && !result.out.contains(Self.password))
        #expect(try await Leftovers.find(of: tote.scratch.path) == [])
    }

    @Test func whatAHelperDoesWrong() async throws {
        let (registry, keep) = try await registry()
        defer { withExtendedLifetime(keep) {} }
        for (script, words) in [
            ("echo '\(Self.password)'; exit 1", "the credential helper 'docker-credential-test' failed with exit status 1"),
            ("echo '\(Self.password)'", "'docker-credential-test' did not answer with the JSON of a credential"),
            ("kill -9 $$", "failed with exit status 137"),
            (#"echo '{"Username": "alice", "Secret": "a wrong word"}'"#, "'docker-credential-test'"),
        ] {
            let tote = try await user(.current, of: registry, helper: script)
            let build = try await tote.command(
                ["build", "app", "--path", "app", "--builder", "\(registry.host)/team/builder:1"], environment: path(tote)
            ).run()
            #expect(build.status == 1)
            #expect(build.error.contains(words), "\(build)")
            #expect(!build.error.contains(Self.password) && !build.error.contains("a wrong word"))
        }
    }

    /// A build that ends, however it does, leaves neither the helper nor what runs it.
    @Test(arguments: [SIGINT, SIGTERM, SIGKILL])
    func anEndWhileAHelperWaits(signal: Int32) async throws {
        let (registry, keep) = try await registry()
        defer { withExtendedLifetime(keep) {} }
        let tote = try await user(.current, of: registry, helper: "echo there > \"$HOME/report\"; exec sleep 1000")
        let build = try tote.command(
            ["build", "app", "--path", "app", "--builder", "\(registry.host)/team/builder:1"], environment: path(tote)
        ).start()
        for _ in 0..<12_000 where tote.scratch.text("user/report").isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        #expect(tote.scratch.text("user/report") == "there\n")
        build.signal(signal)
        let result = try await build.wait()
        #expect(!result.timedOut)
        #expect(result.status == (signal == SIGKILL ? 137 : 130), "\(result)")
        #expect(try await Leftovers.find(of: tote.scratch.path) == [])
    }
}
