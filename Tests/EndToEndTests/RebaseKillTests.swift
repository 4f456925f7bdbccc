import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// Rebases in the store that are killed at any moment: each name has the old image or the new one, whole, and nothing piles up.
struct RebaseKillTests {
    private static let names = ["app", "two", "three", "four"]
    private static var rounds: Int { ProcessInfo.processInfo.environment["TOTE_SLOW_TESTS"] == nil ? 6 : 300 }

    @Test func killedAtRandomMoments() async throws {
        // What is done to the one without a kill is what must come of the other.
        let usual = try await RebaseTests.app(), tote = try await RebaseTests.app()
        try #require(try usual.image().digest == tote.image().digest)
        for one in [usual, tote] { try one.store().tag(one.image(), Self.names.map { try Reference(parsing: $0) }) }
        let arguments = ["rebase"] + Self.names
        for round in 1...Self.rounds {
            for one in [usual, tote] {
                try TinyBase.putRunImage("tiny-run", [["etc/tiny-run": "\(round)\n"], ["etc/more": "\(round)\n"]], in: one.store())
            }
            let expected = try await usual.command(arguments).run()
            try #require(expected.succeeded, "\(expected)")
            let old = try tote.image().digest, new = try usual.image().digest
            // In the first third, tote only starts.
            let moment = expected.duration * Double.random(in: 0.3..<1)
            let victim = try tote.command(arguments).start()
            try await Task.sleep(for: moment)
            victim.kill()
            let end = try await victim.wait()
            let what: Comment = "round \(round), killed after \(moment) of \(expected.duration)\n\(end)"
            #expect(try await Leftovers.find(of: tote.scratch.path) == [], what)
            let digests = try Self.names.map { try tote.image($0).digest }
            let done = digests.prefix { $0 == new }.count
            #expect(digests == Self.names.indices.map { $0 < done ? new : old }, what)
            #expect(try tote.store().validate() == [], what)

            let next = try await tote.command(arguments).run()
            try #require(next.succeeded && next.out == expected.out, "\(next)\(expected) after \(what)")
            #expect(try tote.store().validate() == [], what)
            #expect(tote.leftInTmp().isEmpty, what)
            #expect(try Self.files(of: tote) == Self.files(of: usual), what)
        }
    }

    /// The names of all files of the store: blobs, and what is on its way to be one.
    private static func files(of tote: ToteCase) throws -> Set<String> {
        Set(try FileManager.default.subpathsOfDirectory(atPath: "\(tote.home)/images"))
    }
}
