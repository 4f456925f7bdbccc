import Archive
import FoundationEssentials
import OCIImage
import TestSupport
import Testing

/// `tote images`, `tote images rm`, `tote prune`: the store as its owner sees it.
struct ImagesTests {
    private struct Row: Decodable, Equatable {
        var name: String
        var digest: String
        var created: String?
    }

    private func rows(_ tote: ToteCase) async throws -> [Row] {
        let listed = try await tote.tote("images", "--output", "json")
        #expect(listed.succeeded && listed.error == "", "\(listed)")
        return try JSONDecoder().decode([Row].self, from: Data(listed.out.utf8))
    }

    private func built() async throws -> ToteCase {
        let tote = try await ToteCase()
        try tote.project(Hello.script)
        let build = try await tote.build()
        try #require(build.succeeded, "\(build)")
        return tote
    }

    @Test func listedAsTableAndAsJSON() async throws {
        let tote = try await built()
        let digest = try tote.image().digest
        let rows = try await rows(tote)
        #expect(rows.map(\.name) == ["app:latest", "tiny-build:latest", "tiny-run:latest", "tiny:latest"])
        #expect(rows.first == Row(name: "app:latest", digest: digest.description, created: "1980-01-01T00:00:01Z"))

        let table = try await tote.tote("images")
        #expect(
            table.outLines.map { $0.split(separator: " ").first } == [
                "NAME", "app:latest", "tiny-build:latest", "tiny-run:latest", "tiny:latest",
            ])
        #expect(table.outLines.first?.contains("DIGEST") == true)
        #expect(table.out.contains(digest.hex.prefix(12)))
        let names = try await tote.tote("images", "list", "-o", "json")
        #expect(names.succeeded)
    }

    @Test(arguments: ["app", "app:latest", "docker.io/library/app", "index.docker.io/library/app:latest"])
    func oneImageHasManySpellings(name: String) async throws {
        let tote = try await built()
        let digest = try tote.image().digest
        #expect(try await tote.tote("run", name).out == Hello.text + "\n")
        #expect(try await tote.tote("inspect", name).out.contains("\(digest)"))
        let again = try await tote.build(name)
        #expect(again.out == "app@\(digest)\n")
        #expect(try await rows(tote).count == 4)
        #expect(try await tote.tote("images", "rm", name).succeeded)
        #expect(try await rows(tote).map(\.name) == ["tiny-build:latest", "tiny-run:latest", "tiny:latest"])
    }

    @Test func removedImagesFreeTheirBlobs() async throws {
        let tote = try await built()
        let image = try tote.image()
        let layer = try #require(image.manifest.layers.last?.digest)
        let removed = try await tote.tote("images", "rm", "app")
        #expect(removed.succeeded && removed.out == "", "\(removed)")
        #expect(removed.error.hasPrefix("Removed app:latest; "))
        let store = try tote.store()
        #expect(!store.contains(layer))
        #expect(!store.contains(image.digest))
        #expect(try store.validate().isEmpty)
        // The base that others need is still there.
        #expect(try await tote.build().succeeded)
    }

    @Test func removingWhatIsNotThereChangesNothing() async throws {
        let tote = try await built()
        let before = tote.state()
        let removed = try await tote.tote("images", "rm", "app", "nobody/knows")
        #expect(removed.status == 1)
        #expect(removed.error == "ERROR: there is no image 'nobody/knows' in the store\nhint: 'tote images' lists them\n")
        #expect(tote.state() == before)
    }

    @Test func pruneEmptiesTheFolder() async throws {
        let tote = try await built()
        let refused = try await tote.tote("prune", "--all", "--unused-for", "1d")
        #expect(refused.status == 64)
        #expect(refused.error.contains("--unused-for has no meaning"))
        #expect(try tote.image().layers.isEmpty == false)

        let pruned = try await tote.tote("prune", "--all")
        #expect(pruned.succeeded, "\(pruned)")
        #expect(pruned.error == "Removed all images, build caches and unpacked layers\n")
        #expect(try FileManager.default.contentsOfDirectory(atPath: tote.home).isEmpty)
        // And tote works on.
        #expect(try await rows(tote).isEmpty)
    }

    @Test func pruneWaitsForNobody() async throws {
        let tote = try await ToteCase()
        try tote.project("echo waiting; sleep 3600")
        let build = try tote.command(tote.buildArguments()).start()
        try #require(try await build.waits(for: "waiting"))
        let pruned = try await tote.tote("prune", "--all")
        #expect(pruned.status == 1)
        #expect(pruned.error == "ERROR: a build or a run is using tote's folder\nhint: wait until it has ended, then prune again\n")
        build.signal(2)
        _ = try await build.wait()
        #expect(try await tote.tote("prune", "--all").succeeded)
    }
}
