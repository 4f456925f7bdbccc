import OCIImage
import TestSupport
import Testing

/// A build that is killed at any moment leaves a valid store, no process and no mount, and the next build is as usual.
@Suite(.enabled(if: !ToteExecutable.isFastRun, "TOTE_FAST_TESTS is set"))
struct KillSlowTests {
    @Test func killedAtRandomMoments() async throws {
        try await Self.kill(try await InterruptibleBuild.make(), times: 10)
    }

    @Test(arguments: Account.ordinary)
    func killedAsAnOrdinaryUser(account: Account) async throws {
        try await Self.kill(try await InterruptibleBuild.make(account), times: 3)
    }

    private static func kill(_ tote: ToteCase, times: Int) async throws {
        let usual = try await tote.build("usual")
        try #require(usual.succeeded, "\(usual)")
        let whole = usual.duration
        let digest = try #require(usual.out.split(separator: "@").last)
        for round in 0..<times {
            if round % 2 == 1 { try await tote.forgetUnpackedLayers() }
            let moment = whole * Double.random(in: 0..<1)
            let name = "victim\(round)"
            let victim = try tote.command(tote.buildArguments(name)).start()
            try await Task.sleep(for: moment)
            victim.kill()
            let end = try await victim.wait()
            let what: Comment = "killed after \(moment) of \(whole)\n\(end)"
            #expect(try await Leftovers.find(of: tote.scratch.path) == [], what)
            #expect(try await tote.damagedBlobs() == [], what)
            if tote.account.isCurrent { #expect(try tote.store().validate().isEmpty, what) }
            let next = try await tote.build(name)
            #expect(next.out == "\(name)@\(digest)", "\(next) after \(what)")
            #expect(tote.leftInTmp().isEmpty, what)
        }
    }
}
