import Archive
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

/// `tote cache list|inspect|prune`, `cache.max-size` and `tote prune`: disk space as its owner sees it.
struct CacheTests {
    /// A cached layer of 3 MB that does not compress, and a small one that the image has too.
    private static let script = #"""
        set -e
        for layer in big small; do mkdir -p "$1/$layer"; done
        [ -f "$1/big/f" ] || head -c 3000000 /dev/urandom > "$1/big/f"
        echo "${WORD:-hello}" > "$1/small/f"
        printf '[types]\ncache = true\n' > "$1/big.toml"
        printf '[types]\nlaunch = true\nbuild = true\ncache = true\n' > "$1/small.toml"
        """#

    private struct Row: Decodable {
        var name: String?
        var layers: Int
        var size: Int64
        var blob_size: Int64
        var unpacked_size: Int64
        var last_used: String
    }

    private struct Inspection: Decodable {
        struct Layer: Decodable {
            var buildpack: String?
            var name: String
            var types: [String]?
            var diff_id: String
            var digest: String
            var blob_size: Int64?
            var unpacked_size: Int64?
            var created: String?
        }
        var name: String
        var size: Int64
        var app_size: Int64?
        var last_used: String
        var layers: [Layer]
    }

    private static func built(_ names: String..., as account: Account = .current) async throws -> ToteCase {
        let tote = try await ToteCase(as: account)
        try tote.project(script)
        try await tote.giveAway()
        for name in names {
            let build = try await tote.build(name)
            try #require(build.succeeded, "\(build)")
        }
        return tote
    }

    private func rows(_ tote: ToteCase) async throws -> [Row] {
        let listed = try await tote.tote("cache", "list", "--output", "json")
        #expect(listed.succeeded && listed.error == "", "\(listed)")
        return try JSONDecoder().decode([Row].self, from: Data(listed.out.utf8))
    }

    private func names(_ tote: ToteCase) async throws -> [String?] { try await rows(tote).map(\.name) }

    /// As many seconds since their last use as said, and a moment more.
    private func age(_ tote: ToteCase, _ name: String, days: Int) throws {
        let file = Digest.of(Array(try Reference(parsing: name).full.utf8)).hex
        let time = timespec(tv_sec: Glibc.time(nil) - days * 86400 - 60, tv_nsec: 0)
        try #require(utimensat(AT_FDCWD, "\(tote.home)/cache/\(file).json", [time, time], 0) == 0)
    }

    // MARK: list and inspect

    @Test func listed() async throws {
        let tote = try await Self.built("a", "ghcr.io/acme/b:1")
        let rows = try await rows(tote)
        #expect(rows.map(\.name) == ["ghcr.io/acme/b:1", "a:latest"])
        for row in rows {
            #expect(row.layers == 2)
            #expect((3_000_000..<3_100_000).contains(row.blob_size) && (3_000_000..<3_200_000).contains(row.unpacked_size), "\(row)")
            #expect(row.size == row.blob_size + row.unpacked_size)
            #expect(row.last_used.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/) != nil)
        }
        let table = try await tote.tote("cache")
        #expect(table.outLines.first == "NAME              LAYERS  SIZE    BLOBS   UNPACKED  LAST USED", "\(table)")
        #expect(table.outLines.map { $0.split(separator: " ").first } == ["NAME", "ghcr.io/acme/b:1", "a:latest"])
        #expect(table.error.hasPrefix("Together: 12 MB"), "\(table)")

        // A build that restores uses the cache, and the record stays as it is.
        let records = { tote.state().filter { $0.key.hasPrefix("cache/") } }
        let before = records()
        try #require(try await tote.build("a").succeeded)
        #expect(before.count == 2 && records() == before)
        #expect(try await names(tote) == ["a:latest", "ghcr.io/acme/b:1"])
    }

    @Test func nothingToList() async throws {
        let tote = try await ToteCase(isEmpty: true)
        #expect(try await rows(tote).isEmpty)
        let table = try await tote.tote("cache", "list")
        #expect(table.outLines == ["NAME  LAYERS  SIZE  BLOBS  UNPACKED  LAST USED"] && table.error == "", "\(table)")
    }

    /// A record that cannot be written is a warning (D-85), and costs neither the image nor a cache elsewhere.
    @Test func whatCannotBeRememberedReplacesNothing() async throws {
        let tote = try await ToteCase()
        try tote.project("mkdir -p \"$1/a\"; echo a > \"$1/a/a\"; printf '[types]\\nlaunch = true\\ncache = true\\n' > \"$1/a.toml\"")
        let place = "local:" + tote.scratch.path("elsewhere")
        let first = try await tote.build("app", "--cache-to", place)
        try #require(first.succeeded, "\(first)")
        let index = tote.scratch.text("elsewhere/index.json")
        let file = try #require(try FileManager.default.contentsOfDirectory(atPath: tote.home + "/cache").first)
        try FileManager.default.removeItem(atPath: "\(tote.home)/cache/\(file)")
        try tote.scratch.makeFile("tote/cache/\(file)/in/the/way")
        let second = try await tote.build("app", "--cache-to", place)
        #expect(second.out == first.out && second.error.contains("Warning: Failed to export cache: "), "\(second)")
        #expect(!index.isEmpty && tote.scratch.text("elsewhere/index.json") == index)
        #expect(tote.leftInTmp().isEmpty)
    }

    @Test func inspected() async throws {
        let tote = try await Self.built("app")
        let result = try await tote.tote("cache", "inspect", "docker.io/library/app", "-o", "json")
        try #require(result.succeeded && result.error == "", "\(result)")
        let cache = try JSONDecoder().decode(Inspection.self, from: Data(result.out.utf8))
        #expect(cache.name == "app:latest")
        #expect(cache.layers.map(\.name) == ["big", "small"])
        #expect(cache.layers.map(\.types) == [["cache"], ["launch", "build", "cache"]])
        #expect(cache.layers.allSatisfy { $0.buildpack == "test/script" && $0.created != nil })
        #expect(cache.layers[0].unpacked_size ?? 0 > 3_000_000 && (1...100_000).contains(cache.layers[1].unpacked_size ?? 0))
        let app = try #require(cache.app_size)
        #expect(app > 0 && cache.size == cache.layers.reduce(app) { $0 + ($1.blob_size ?? 0) + ($1.unpacked_size ?? 0) })
        let image = try tote.image()
        #expect(image.layers.contains { $0.diffID.description == cache.layers[1].diff_id })
        #expect(!image.layers.contains { $0.diffID.description == cache.layers[0].diff_id })

        let text = try await tote.tote("cache", "inspect", "app")
        #expect(text.outLines.first == "Image:     app:latest")
        #expect(text.out.contains("test/script  small  launch,build,cache  sha256:"), "\(text)")
    }

    @Test(arguments: [["inspect", "app:2"], ["prune", "app:2"], ["prune", "app", "app:2"]])
    func unknownName(arguments: [String]) async throws {
        let tote = try await Self.built("app")
        let before = tote.state()
        let result = try await tote.command(["cache"] + arguments).run()
        #expect(result.status == 1 && result.out == "")
        #expect(result.error == "ERROR: there is no build cache of 'app:2'\nhint: 'tote cache list' lists them\n")
        #expect(tote.state() == before)
    }

    @Test(arguments: [
        (["cache", "prune", "--keep-size", "much"], "--keep-size: 'much' is not a size"),
        (["cache", "prune", "--unused-for", "30"], "--unused-for: '30' is not a length of time"),
        (["prune", "--unused-for", "1m1d"], "--unused-for: '1m1d' is not a length of time"),
    ])
    func badValues(arguments: [String], message: String) async throws {
        let tote = try await ToteCase()
        let result = try await tote.command(arguments).run()
        #expect(result.status == 64 && result.error.hasPrefix("ERROR: \(message)\nhint: write "), "\(result)")
    }

    // MARK: removal of caches

    @Test func pruned() async throws {
        let tote = try await Self.built("a", "b", "c", "d")
        for (name, days) in [("a", 40), ("b", 20), ("c", 10)] { try age(tote, name, days: days) }
        let image = try tote.image("a")
        let old = try await tote.tote("cache", "prune", "--unused-for", "30d")
        #expect(old.succeeded && old.out == "", "\(old)")
        #expect(old.error.wholeMatch(of: /Removed the build cache of a:latest; 6\.\d MB freed\n/) != nil, "\(old)")
        // Three caches of 6 MB.
        let large = try await tote.tote("cache", "prune", "--keep-size", "13MB")
        #expect(large.error.hasPrefix("Removed the build cache of b:latest; "), "\(large)")
        let none = try await tote.tote("cache", "prune", "--keep-size", "13MB")
        #expect(none.succeeded && none.error == "No build cache to remove\n")
        let named = try await tote.tote("cache", "prune", "d")
        #expect(named.error.hasPrefix("Removed the build cache of d:latest; "), "\(named)")
        #expect(try await names(tote) == ["c:latest"])
        let all = try await tote.tote("cache", "prune")
        #expect(all.error.hasPrefix("Removed the build cache of c:latest; "), "\(all)")
        #expect(try await names(tote).isEmpty)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: tote.home + "/layers").flatMap {
                try FileManager.default.contentsOfDirectory(atPath: "\(tote.home)/layers/\($0)")
            }.isEmpty)
        // Images are whole, and build again.
        #expect(try tote.store().validate().isEmpty)
        #expect(try tote.image("a").digest == image.digest)
        #expect(try await tote.build("a").succeeded)
    }

    @Test func neverWhileABuildRuns() async throws {
        let tote = try await Self.built("app")
        try tote.project("echo waiting; sleep 600")
        let before = tote.state()
        let build = try tote.command(tote.buildArguments("other")).start()
        try #require(try await build.waits(for: "waiting"))
        for arguments in [["cache", "prune"], ["cache", "prune", "app"], ["prune"]] {
            let pruned = try await tote.command(arguments).run()
            #expect(pruned.status == 1)
            #expect(pruned.error == "ERROR: a build or a run is using tote's folder\nhint: wait until it has ended, then prune again\n")
        }
        #expect(tote.state() == before)
        #expect(try await names(tote) == ["app:latest"])
        build.signal(SIGINT)
        _ = try await build.wait()
        #expect(try await tote.tote("cache", "prune").succeeded)
    }

    @Test func heldToTheConfiguredSize() async throws {
        let tote = try await Self.built("a", "b")
        try age(tote, "a", days: 1)
        try tote.scratch.makeFile("config/tote/config.toml", "[cache]\nmax-size = \"13MB\"\n")
        let third = try await tote.build("c")
        #expect(third.succeeded, "\(third)")
        #expect(third.errorLines.contains("Removed the build cache of a:latest: caches took more than 13 MB"), "\(third)")
        #expect(try await names(tote) == ["c:latest", "b:latest"])
        // However small the limit, the cache of the build itself stays.
        try tote.scratch.makeFile("config/tote/config.toml", "[cache]\nmax-size = \"1kB\"\n")
        try #require(try await tote.build("b").succeeded)
        #expect(try await names(tote) == ["b:latest"])
        let again = try await tote.build("b")
        #expect(again.errorLines.contains("Restoring data for \"test/script:big\" from cache"), "\(again)")
        #expect(!again.error.contains("Removed the build cache"))
    }

    /// What cannot be removed while another build runs is told, and goes with the next build that runs alone.
    @Test func theSizeWhileAnotherBuildRuns() async throws {
        let tote = try await Self.built("a", "b")
        try age(tote, "a", days: 1)
        try tote.project(Self.script + "\n[ -z \"$WAIT\" ] || { echo waiting; sleep 600; }")
        try tote.scratch.makeFile("config/tote/config.toml", "[cache]\nmax-size = \"13MB\"\n")
        let other = try tote.command(tote.buildArguments("other", ["--env", "WAIT=1"])).start()
        try #require(try await other.waits(for: "waiting"))
        let build = try await tote.build("c")
        let told =
            #/Warning: build caches take 1\d(\.\d)? MB, and 'cache.max-size' allows 13 MB: nothing is removed while another build runs/#
        #expect(build.succeeded && build.error.contains(told), "\(build)")
        #expect(try await names(tote) == ["c:latest", "b:latest", "a:latest"])
        // Within the limit there is nothing to tell.
        try tote.scratch.makeFile("config/tote/config.toml", "[cache]\nmax-size = \"30MB\"\n")
        #expect(try await !tote.build("c").error.contains("max-size"))
        try tote.scratch.makeFile("config/tote/config.toml", "[cache]\nmax-size = \"13MB\"\n")
        other.signal(SIGINT)
        _ = try await other.wait()
        #expect(try await tote.build("c").error.contains("Removed the build cache of a:latest"))
    }

    @Test func aSizeThatIsNone() async throws {
        let tote = try await Self.built()
        try tote.scratch.makeFile("config/tote/config.toml", "[cache]\nmax-size = \"lots\"\n")
        let build = try await tote.build()
        #expect(build.status == 1 && build.error.contains("'lots' is not a size") && build.error.contains("config.toml:2"), "\(build)")
    }

    // MARK: tote prune

    @Test func whatNothingRefersToGoes() async throws {
        let tote = try await Self.built("app")
        let rootfs = { try FileManager.default.contentsOfDirectory(atPath: tote.home + "/rootfs").sorted() }
        let unpacked = try rootfs()
        try tote.scratch.makeFolder("tote/rootfs/\(String(repeating: "0", count: 64))")
        try tote.scratch.write(String(repeating: "x", count: 50_000), to: "tote/rootfs/\(String(repeating: "0", count: 64))/file")
        let facts = try tote.store().put(Array(repeating: 0x78, count: 70_000))
        for (name, days) in [("old", 31), ("recent", 29)] {
            let path = "tote/downloads/\(name)"
            try tote.scratch.makeFile(path, String(repeating: "y", count: 90_000))
            let time = timespec(tv_sec: Glibc.time(nil) - days * 86400, tv_nsec: 0)
            try #require(utimensat(AT_FDCWD, tote.scratch.path(path), [time, time], 0) == 0)
        }
        let state = tote.state()
        let pruned = try await tote.tote("prune")
        #expect(pruned.succeeded && pruned.out == "", "\(pruned)")
        #expect(pruned.errorLines.contains { $0.hasPrefix("Removed unpacked layers of images: 5") }, "\(pruned)")
        #expect(pruned.errorLines.contains { $0.hasPrefix("Removed downloads: 9") }, "\(pruned)")
        #expect(pruned.errorLines.last?.hasSuffix(" freed") == true, "\(pruned)")
        #expect(try !tote.store().contains(facts))
        #expect(try rootfs() == unpacked)
        #expect(Peer.exists(tote.home + "/downloads/recent") && !Peer.exists(tote.home + "/downloads/old"))
        #expect(tote.state() == state)
        #expect(try tote.store().validate().isEmpty)

        let again = try await tote.tote("prune")
        #expect(again.error == "There was nothing to remove\n", "\(again)")
        let rebuilt = try await tote.build("app")
        #expect(rebuilt.succeeded && !rebuilt.error.contains("Unpacking"), "\(rebuilt)")
        // Layers of an image that is gone.
        for name in ["app", "tiny", "tiny-build", "tiny-run"] { #expect(try await tote.tote("images", "rm", name).succeeded) }
        #expect(try await tote.tote("prune").succeeded)
        #expect(try rootfs().isEmpty)
    }

    /// What was pulled is no image of the user's: it goes when no command used it for long.
    @Test func pulledImagesGoWithTime() async throws {
        let tote = try await ToteCase()
        let image = try tote.image("tiny-run")
        let reference = try Reference(parsing: "ghcr.io/acme/run:1")
        let remotes = try RemoteRecords(at: tote.home + "/remotes")
        try remotes.remember(
            RemoteRecord(
                reference: reference, resolved: image.digest, digest: image.digest, mediaType: image.manifest.mediaType, size: 1,
                checked: 0))
        try #require(try await tote.tote("images", "rm", "tiny-run").succeeded)
        #expect(try await tote.tote("prune").error == "There was nothing to remove\n")
        #expect(try tote.store().contains(image.digest))

        let file = "\(tote.home)/remotes/\(Digest.of(Array(reference.full.utf8)).hex).json"
        let time = timespec(tv_sec: Glibc.time(nil) - 31 * 86400, tv_nsec: 0)
        try #require(utimensat(AT_FDCWD, file, [time, time], 0) == 0)
        #expect(try await tote.tote("prune", "--unused-for", "40d").error == "There was nothing to remove\n")
        // Use counts, not only the last question to the registry.
        remotes.noteUse(reference)
        #expect(try await tote.tote("prune").error == "There was nothing to remove\n")
        try #require(utimensat(AT_FDCWD, file, [time, time], 0) == 0)
        let pruned = try await tote.tote("prune")
        #expect(pruned.succeeded && pruned.error.hasPrefix("Removed blobs: "), "\(pruned)")
        #expect(try !tote.store().contains(image.digest))
        #expect(try remotes.all().isEmpty)
    }

    @Test(arguments: Account.ordinary) func asAnOrdinaryUser(account: Account) async throws {
        let tote = try await Self.built("app", as: account)
        let row = try #require(try await rows(tote).first)
        #expect(row.name == "app:latest" && row.unpacked_size > 3_000_000 && row.blob_size > 3_000_000, "\(row)")
        #expect(try await tote.tote("cache", "inspect", "app").succeeded)
        let pruned = try await tote.tote("cache", "prune")
        #expect(pruned.error.wholeMatch(of: /Removed the build cache of app:latest; 6\.\d MB freed\n/) != nil, "\(pruned)")
        let rest = try await tote.tote("images", "rm", "app", "tiny", "tiny-build", "tiny-run")
        #expect(rest.succeeded, "\(rest)")
        let emptied = try await tote.tote("prune")
        #expect(emptied.succeeded && emptied.error.contains("Removed unpacked layers of images: "), "\(emptied)")
    }
}
