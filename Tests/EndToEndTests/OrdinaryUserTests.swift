import TestSupport
import Testing

/// The same build as root, as an ordinary user with subordinate ids and as one without: the same image.
@Suite(.enabled(if: !Account.ordinary.isEmpty, "not root"))
struct OrdinaryUserTests {
    private static func prepare(_ account: Account) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try tote.project(
            InlineScript(Hello.script, id: "me/one"),
            InlineScript(
                "id -u; id -g; mkdir -p made/by/script; echo x > made/by/script/file; chmod 600 made/by/script/file; chmod +x run.sh",
                id: "me/two"))
        try tote.write("run.sh", "#!/bin/sh\necho from the app\n")
        try tote.write("sub/secret", "x", mode: 0o600)
        try await tote.giveAway()
        return tote
    }

    @Test(arguments: Account.ordinary)
    func buildsTheSameImageAndRunsIt(account: Account) async throws {
        let expected = try await Self.prepare(.current).build()
        try #require(expected.succeeded, "\(expected)")
        let tote = try await Self.prepare(account)
        let build = try await tote.build()
        #expect(build.succeeded, "\(build)")
        #expect(build.out == expected.out)
        // The scripts are the builder's user, whoever that is outside.
        #expect(build.errorLines.contains("[me/two] 1000"), "\(build)")
        #expect(tote.leftInTmp().isEmpty)

        let run = try await tote.tote("run", "app")
        #expect(run.out == Hello.text + "\n", "\(run)")
        let other = try await tote.tote("run", "tiny-run", "id", "-u")
        #expect(other.succeeded, "\(other)")

        let again = try await tote.build()
        #expect(again.out == expected.out)
        #expect(again.error.contains("Reusing layer 'me/one:greeting'"))
        // Only tote can remove what belongs to subordinate ids.
        let pruned = try await tote.tote("prune", "--all")
        #expect(pruned.succeeded, "\(pruned)")
        #expect(try await Program(account.prefix + ["rmdir", tote.home]).run().succeeded)
    }

    @Test(arguments: Account.ordinary)
    func noNetworkWhenAskedFor(account: Account) async throws {
        let tote = try await ToteCase(as: account)
        try tote.project("cat /proc/net/dev")
        try await tote.giveAway()
        let build = try await tote.build("app", "--network", "none")
        #expect(build.succeeded, "\(build)")
        let devices = build.errorLines.filter { $0.hasPrefix("[test/script]") && $0.contains(":") }
        #expect(devices.count == 1 && devices[0].contains("lo:"), "\(build)")
    }

    @Test(arguments: Account.ordinary)
    func aFailingScriptLeavesNothing(account: Account) async throws {
        let tote = try await ToteCase(as: account)
        try tote.project("mkdir -m 700 \"$CNB_LAYERS_DIR/x\"; echo x > \"$CNB_LAYERS_DIR/x/y\"; chmod 000 \"$CNB_LAYERS_DIR/x\"; exit 3")
        try await tote.giveAway()
        let build = try await tote.build()
        #expect(build.status == 51, "\(build)")
        #expect(tote.leftInTmp().isEmpty)
    }
}
