import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `tote rebase --dry-run`: what would be, without doing it.
struct RebaseForecastTests {
    private struct Document: Decodable {
        struct Image: Decodable {
            struct Base: Decodable {
                var name: String
                var reference: String?
                var digest: String?
            }
            struct Package: Decodable, Equatable {
                var name: String
                var version: String?
                var from: String?
                var to: String?
            }
            var name: String
            var platform: String?
            var base: Base?
            var new_base: Base?
            var current: Bool?
            var refused: Bool?
            var reasons: [String]?
            var notes: [String]?
            var bytes_to_move: Int64?
            var packages: [String: [Package]]?
            var error: String?
        }
        var images: [Image]
    }

    private static func status(_ packages: KeyValuePairs<String, String>) -> String {
        packages.map { "Package: \($0)\nStatus: install ok installed\nArchitecture: amd64\nVersion: \($1)\n\n" }.joined()
    }

    /// An app on a base with packages, and a newer release of that base.
    private static func tote() async throws -> ToteCase {
        let tote = try await ToteCase()
        let old = status(["bash": "5.2.15-2", "libc6": "2.36-9", "openssl": "3.0.9-1", "gone": "1"])
        try TinyBase.putRunImage("tiny-run", [["var/lib/dpkg/status": old]], in: tote.store())
        try tote.project(Hello.script)
        try #require(try await tote.build().succeeded)
        let new = status(["bash": "5.2.15-2", "libc6": "2.36-10", "openssl": "3.0.9-1~deb12u1", "more": "2:1.0"])
        try TinyBase.putRunImage("tiny-run", [["var/lib/dpkg/status": "unseen"], ["var/lib/dpkg/status": new]], in: tote.store())
        return tote
    }

    private static func forecast(_ tote: ToteCase, _ arguments: String...) async throws -> (Document, ProgramResult) {
        let ran = try await tote.command(["rebase", "--dry-run", "--output", "json"] + arguments).run()
        return (try JSONDecoder().decode(Document.self, from: Data(ran.out.utf8)), ran)
    }

    @Test func whatWouldChange() async throws {
        let tote = try await Self.tote()
        let before = tote.state()
        let (document, ran) = try await Self.forecast(tote, "app")
        #expect(ran.succeeded && ran.error == "", "\(ran)")
        let image = try #require(document.images.first)
        #expect(image.name == "app:latest" && image.current == false && image.refused == false && image.reasons == [] && image.notes == [])
        #expect(image.base?.name == "tiny-run" && image.base?.reference?.hasPrefix("index.docker.io/library/tiny-run@sha256:") == true)
        #expect(image.new_base?.name == "tiny-run:latest")
        #expect(image.packages?["added"] == [.init(name: "more", version: "2:1.0")])
        #expect(image.packages?["removed"] == [.init(name: "gone", version: "1")])
        #expect(image.packages?["upgraded"] == [.init(name: "libc6", from: "2.36-9", to: "2.36-10")])
        #expect(image.packages?["downgraded"] == [.init(name: "openssl", from: "3.0.9-1", to: "3.0.9-1~deb12u1")])
        // The store has all layers, so only documents move.
        #expect(image.bytes_to_move.map { (1000..<20_000).contains($0) } == true)
        let text = try await tote.tote("rebase", "--dry-run", "app")
        #expect(
            text.outLines.map { $0.replacing(/sha256:[0-9a-f]+/, with: "sha256:…").replacing(/moving .*/, with: "moving …") } == [
                "app:latest (linux/amd64)",
                "  stands on:  tiny-run (index.docker.io/library/tiny-run@sha256:…)",
                "  run image:  tiny-run:latest (sha256:…)",
                "  result:     would be rebased, moving …",
                "  packages:   1 added, 1 removed, 1 upgraded, 1 downgraded",
                "    + more 2:1.0",
                "    - gone 1",
                "    libc6 2.36-9 -> 2.36-10",
                "    openssl 3.0.9-1 -> 3.0.9-1~deb12u1",
            ], "\(text)")
        #expect(tote.state() == before)

        try #require(try await tote.tote("rebase", "app").succeeded)
        let after = try await Self.forecast(tote, "app").0.images.first
        #expect(after?.current == true && after?.packages == nil && after?.bytes_to_move == 0)
        #expect(try await tote.tote("rebase", "--dry-run", "app").out.contains("its base is current"))
    }

    /// The same layers in a release that says something else of itself: there is something to do, and no layer moves.
    @Test func anotherReleaseOfTheSameLayers() async throws {
        let tote = try await ToteCase()
        try TinyBase.putRunImage("tiny-run", [["etc/tiny-run": "1"]], in: tote.store())
        try tote.project(Hello.script)
        try #require(try await tote.build().succeeded)
        try TinyBase.putRunImage("tiny-run", [["etc/tiny-run": "1"]], in: tote.store()) { $0.labels["io.buildpacks.base.id"] = "new" }
        let before = try #require(try await Self.forecast(tote, "app").0.images.first)
        #expect(before.current == false && before.packages == nil && before.bytes_to_move.map { (1000..<20_000).contains($0) } == true)
        #expect(try await tote.tote("rebase", "app").error.contains("Successfully rebased"))
        let after = try #require(try await Self.forecast(tote, "app").0.images.first)
        #expect(after.current == true && after.bytes_to_move == 0)
        #expect(try await tote.tote("rebase", "app").error.contains("stood on that base already"))
    }

    @Test func refusalsAndErrors() async throws {
        let tote = try await Self.tote()
        try TinyBase.putRunImage("tiny-run:13", in: tote.store()) { $0.labels["io.buildpacks.base.distro.version"] = "13" }
        let (refused, ran) = try await Self.forecast(tote, "app", "--run-image", "tiny-run:13")
        #expect(ran.succeeded)
        #expect(refused.images.first?.refused == true)
        #expect(refused.images.first?.reasons?.first?.hasPrefix("unable to satisfy target os/arch constraints") == true)
        // One of the two bases has no packages.
        #expect(refused.images.first?.packages == nil)
        let (forced, _) = try await Self.forecast(tote, "app", "--run-image", "tiny-run:13", "--force")
        #expect(forced.images.first?.refused == false && forced.images.first?.notes?.count == 1, "\(forced)")

        let (both, failed) = try await Self.forecast(tote, "none", "app")
        #expect(failed.status == 72 && failed.error.contains("ERROR: 'none:latest' cannot be rebased"))
        #expect(both.images.count == 2 && both.images[0].error != nil && both.images[1].current == false)
        let wrong = try await tote.tote("rebase", "app", "--output", "json")
        #expect(wrong.status == 64 && wrong.error.contains("--output is for --dry-run only"))
        let report = try await tote.tote("rebase", "app", "--dry-run", "--report-output-dir", "out")
        #expect(report.status == 64 && report.error.contains("--dry-run and --report-output-dir exclude each other"), "\(report)")
    }
}
