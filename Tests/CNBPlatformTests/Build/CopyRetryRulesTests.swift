import CNBLifecycle
import CNBSpec
import Testing

@testable import CNBPlatform

@Suite("When a failed build starts again with copies")
struct CopyRetryRulesTests {
    private func retry(
        _ lines: [(String, String)], elapsed: Duration = .seconds(1), canRename: Bool = false, mounted: Set<String> = ["test/a"],
        isAppMounted: Bool = true
    ) throws -> CopyRetry? {
        let watch = CrossDeviceWatch(BuildDirectories(app: "/workspace"))
        for (buildpack, line) in lines { watch.see(.output(buildpack: buildpack, line: line)) }
        let failure = BuildpackFailure(buildpack: try BuildpackID("test/a"), message: "failed", elapsed: elapsed)
        return CopyRetry(
            failure, watch, canRename: canRename, hasMounted: { mounted.contains($0.raw) }, isAppMounted: isAppMounted)
    }

    @Test("Without a word: only layers, only where renames fail, and only when little time is lost")
    func guesses() throws {
        let guess = try #require(try retry([])), id = try BuildpackID("test/a")
        #expect(guess.isGuess && guess.copied == CopiedContents(layersOf: [id]))
        #expect(try retry([], canRename: true) == nil)
        #expect(try retry([], elapsed: .seconds(61)) == nil)
        #expect(try retry([], mounted: []) == nil)
    }

    @Test(
        "With words: the layers of who spoke, then the app; after minutes all that may be it at once",
        arguments: [
            ("OSError: [Errno 18] invalid link", true, true), ("java.nio.file.DirectoryNotEmptyException: /layers/test_a/x", true, false),
            ("Error: EXDEV: cross-device link not permitted, rename '/workspace/x' -> '/workspace/y'", false, true),
            ("rename /layers/test_a/x /layers/test_a/y: invalid cross-device link", true, false),
            ("Kopie misslungen (os error 18)", true, true),
        ])
    func words(_ line: String, _ isLayers: Bool, _ isApp: Bool) throws {
        let lines = [("test/a", line)]
        let layers: Set<BuildpackID> = isLayers ? [try BuildpackID("test/a")] : []
        let first = try #require(try retry(lines, elapsed: .seconds(59), canRename: true))
        #expect(!first.isGuess && first.copied == CopiedContents(layersOf: layers, app: !isLayers))
        let late = try #require(try retry(lines, elapsed: .seconds(60), canRename: true))
        #expect(!late.isGuess && late.copied == CopiedContents(layersOf: layers, app: isApp))
        let next = try retry(lines, mounted: [])
        #expect(next?.copied == (isApp ? CopiedContents(app: true) : nil))
        let withoutApp = try retry(lines, elapsed: .seconds(1000), isAppMounted: false)
        #expect(withoutApp?.copied == (isLayers ? CopiedContents(layersOf: layers) : nil))
        #expect(try retry(lines, mounted: [], isAppMounted: false) == nil)
    }

    @Test("What another buildpack left behind may be why one fails, but not after minutes")
    func others() throws {
        let other = try retry([("test/b", "EXDEV")], mounted: ["test/a", "test/b"])
        #expect(other?.buildpack.raw == "test/b" && other?.copied.layersOf.count == 1)
        let own = try retry([("test/a", "EXDEV"), ("test/b", "EXDEV")], mounted: ["test/a", "test/b"])
        #expect(own?.buildpack.raw == "test/a" && own?.copied.layersOf.count == 1)
        #expect(try retry([("test/b", "EXDEV")], elapsed: .seconds(60), mounted: ["test/a", "test/b"]) == nil)
    }

    @Test(
        "A folder is named by itself or by what is in it, not by other paths that have its name",
        arguments: [
            ("EXDEV: rename '/layers/a' -> '/layers/b'", true, false), ("EXDEV /layers", true, false),
            ("EXDEV: /workspace: no", false, true),
            ("EXDEV (/workspace/src/layers/x)", false, true), ("EXDEV \"/layers/a/workspace/x\"", true, false),
            ("EXDEV path=/workspace/x,/layers/y", true, true), ("EXDEV /workspace-old/x /layers/a", true, false),
            ("EXDEV /home/layers ../layers /layers.bak /workspace", false, true), ("EXDEV ../workspace/x", true, true),
        ])
    func namesOfFolders(_ line: String, _ isLayers: Bool, _ isApp: Bool) throws {
        let id = try BuildpackID("test/a"), watch = CrossDeviceWatch(BuildDirectories(app: "/workspace"))
        watch.see(.output(buildpack: id.raw, line: line))
        #expect(watch.complaint(of: id) == .init(buildpack: id, mayBeLayers: isLayers, mayBeApp: isApp))
    }

    @Test("The warning says what is copied")
    func warnings() throws {
        let both = try #require(try retry([("test/a", "EXDEV")], elapsed: .seconds(60)))
        #expect(
            both.warning.message
                == "the buildpack 'test/a' could not rename a folder of its cached layers or of the app; the build starts again with copies"
        )
    }
}
