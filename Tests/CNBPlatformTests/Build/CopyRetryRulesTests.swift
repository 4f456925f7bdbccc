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
        "With words: the layers of who spoke, then the app, however long it took",
        arguments: [
            ("OSError: [Errno 18] invalid link", true, true), ("java.nio.file.DirectoryNotEmptyException: /layers/test_a/x", true, false),
            ("Error: EXDEV: cross-device link not permitted, rename '/workspace/x' -> '/workspace/y'", false, true),
            ("rename /layers/test_a/x /layers/test_a/y: invalid cross-device link", true, false),
            ("Kopie misslungen (os error 18)", true, true),
        ])
    func words(_ line: String, _ isLayers: Bool, _ isApp: Bool) throws {
        let lines = [("test/a", line)]
        let first = try #require(try retry(lines, elapsed: .seconds(1000), canRename: true))
        #expect(!first.isGuess && first.copied.app == !isLayers && first.copied.layersOf.isEmpty == !isLayers)
        let next = try retry(lines, mounted: [])
        #expect(next?.copied == (isApp ? CopiedContents(app: true) : nil))
        #expect(try retry(lines, mounted: [], isAppMounted: false) == nil)
    }

    @Test("What another buildpack left behind may be why one fails")
    func others() throws {
        let other = try retry([("test/b", "EXDEV")], mounted: ["test/a", "test/b"])
        #expect(other?.buildpack.raw == "test/b" && other?.copied.layersOf.count == 1)
        let own = try retry([("test/a", "EXDEV"), ("test/b", "EXDEV")], mounted: ["test/a", "test/b"])
        #expect(own?.buildpack.raw == "test/a" && own?.copied.layersOf.count == 1)
    }
}
