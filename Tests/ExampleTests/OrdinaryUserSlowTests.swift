import Glibc
import TestSupport
import Testing

/// Who builds makes no difference to what is built, on a base whose files have many owners.
@Suite(
    .enabled(if: Surroundings.runsSlowTests, "TOTE_FAST_TESTS is set"),
    .enabled(if: Surroundings.makesBases, "bases need mmdebstrap and subordinate ids"),
    .enabled(if: Account.current.id == 0, "not root: then the other suites run as an ordinary user"))
struct OrdinaryUserSlowTests {
    private let build = ["build", "my-py-app", "--builder", "my-builder"] + Surroundings.certificateOptions + Surroundings.indexOptions

    /// With subordinate ids and without.
    @Test func ordinaryUsersGetTheImageOfRoot() async throws {
        try #require(Account.ordinary.count == 2)
        let root = try await ExampleHome(withBase: true)
        let byRoot = try await root.tote(build + ["--path", "Examples/python-uv"])
        try #require(byRoot.succeeded, "\(byRoot)")
        for account in Account.ordinary {
            let user = try await ToteCase(as: account, isEmpty: true)
            guard mkdir(user.home, 0o700) == 0 else { throw TestSetupError("no folder for tote") }
            // What an ordinary user cannot read must not matter, and the repository may be such a place.
            for (source, target) in [(Repository.path("Examples"), "Examples"), (try await BaseFixture.images(), "tote/images")] {
                let copied = try await Program(["cp", "-a", source, user.scratch.path(target)]).run()
                try #require(copied.succeeded, "\(copied)")
            }
            try await user.giveAway()
            var byUser = user.command(build + ["--path", "Examples/python-uv"])
            byUser.environment += Surroundings.inherited
            byUser.limit = .seconds(600)
            let built = try await byUser.run()
            try #require(built.succeeded, "\(account): \(built)")
            #expect(built.out == byRoot.out, "\(account)")
            let version = try await user.tote("run", "--process", "uv", "my-py-app", "--version")
            #expect(version.succeeded && version.out.hasPrefix("uv "), "\(account): \(version)")
            let pruned = try await user.tote("prune", "--all")
            #expect(pruned.succeeded, "\(account): \(pruned)")
        }
    }
}
