import Archive
import CNBSpec
import OCIImage
import Testing

@testable import CNBPlatform

@Suite struct CachePruningTests {
    /// Used at 100, 200, 300 and 400; the first two have one blob in common.
    private static func caches() throws -> [StoredCache] {
        try [("a", 100, [1, 2]), ("b", 200, [1, 3]), ("c", 300, [4]), ("d", 400, [5])].map { name, time, blobs in
            StoredCache(
                image: try Reference(parsing: name), lastUsed: time,
                layers: blobs.map { blob in
                    StoredCacheLayer(
                        buildpack: "kit/a", name: "l\(blob)", types: LayerTypes(cache: true), diffID: DiffID(Digest.of([UInt8(blob)])),
                        digest: Digest.of([UInt8(blob + 100)]), blobSize: 10, unpackedSize: 90)
                })
        }
    }

    @Test func whatCachesShareCountsOnce() throws {
        let caches = try Self.caches()
        #expect(caches[0].size == 200 && caches[0].blobSize == 20 && caches[0].unpackedSize == 180)
        #expect(StoredCache.size(of: caches) == 500)
        #expect(StoredCache.size(of: []) == 0)
    }

    private static let cases: [(pruning: CachePruning, chosen: [Int])] = [
        (CachePruning(), [0, 1, 2, 3]),
        // 500 bytes, and 400 without "a", and 200 without "a" and "b".
        (CachePruning(keptSize: 500), []), (CachePruning(keptSize: 499), [0]), (CachePruning(keptSize: 399), [0, 1]),
        (CachePruning(keptSize: 200), [0, 1]), (CachePruning(keptSize: 0), [0, 1, 2, 3]),
        (CachePruning(unusedFor: Period(minutes: 3)), [0, 1, 2]), (CachePruning(unusedFor: Period(minutes: 6)), [0]),
        (CachePruning(unusedFor: Period(minutes: 60)), []), (CachePruning(unusedFor: Period(minutes: 0)), [0, 1, 2, 3]),
        (CachePruning(unusedFor: Period(minutes: 3), keptSize: 400), [0]),
        (CachePruning(unusedFor: Period(minutes: 3), keptSize: 0), [0, 1, 2]),
    ]

    @Test(arguments: cases) func leastRecentlyUsedFirst(pruning: CachePruning, chosen: [Int]) throws {
        #expect(pruning.choose(from: try Self.caches(), now: 481) == chosen)
    }

    @Test func onlyThoseThatAreNamed() throws {
        let names = try ["d", "docker.io/library/b"].map { try Reference(parsing: $0) }
        #expect(CachePruning(images: names).choose(from: try Self.caches(), now: 500) == [1, 3])
        #expect(CachePruning(images: names, keptSize: 300).choose(from: try Self.caches(), now: 500) == [1, 3])
        #expect(CachePruning(images: names, keptSize: 400).choose(from: try Self.caches(), now: 500) == [1])
    }

    @Test func theCacheOfTheBuildStays() throws {
        let own = try Reference(parsing: "a")
        #expect(CachePruning(keptSize: 0).choose(from: try Self.caches(), sparing: own, now: 500) == [1, 2, 3])
        #expect(CachePruning(keptSize: 300).choose(from: try Self.caches(), sparing: own, now: 500) == [1, 2])
    }

    /// A clock that went back makes nothing old.
    @Test func timesToCome() throws {
        #expect(CachePruning(unusedFor: Period(minutes: 0)).choose(from: try Self.caches(), now: 250) == [0, 1])
    }
}
