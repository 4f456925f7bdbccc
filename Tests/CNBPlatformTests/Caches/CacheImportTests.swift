import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import FoundationEssentials
import OCIImage
import Synchronization
import TestSupport
import Testing

@testable import CNBPlatform

/// Caches that somebody else wrote, brought into a store.
@Suite struct CacheImportTests {
    private let scratch: ScratchDirectory
    private let store: ImageStore
    private let warnings = Recorded()

    init() throws {
        scratch = try ScratchDirectory()
        store = try ImageStore(at: scratch.path("here"))
    }

    private final class Recorded: Sendable {
        private let events = Mutex<[PhaseEvent]>([])
        func add(_ event: PhaseEvent) { events.withLock { $0.append(event) } }
        var texts: [String] { events.withLock { $0.compactMap { if case .warning(let warning) = $0 { warning.message } else { nil } } } }
    }

    /// A cache of one layer in a folder.
    private func cache(_ encoding: LayerEncoding, mediaType: MediaType? = nil, name: String = "f") async throws -> (
        image: Image, facts: LayerFacts
    ) {
        let there = try ImageStore(at: scratch.path("there"))
        let blob = try there.ingest()
        let writer = LayerWriter(.blob(to: blob.descriptor, encoding))
        let contents = Array(repeating: UInt8(ascii: "x"), count: 5000)
        try writer.append(TarHeader(path: RawPath("layers/kit_a/l"), kind: .directory, mode: 0o755))
        try writer.append(
            TarHeader(path: RawPath("layers/kit_a/l/\(name)"), kind: .file, mode: 0o644, size: Int64(contents.count)), contents: contents)
        let facts = try writer.finish()
        try blob.commit(facts)
        let layer = LayerRecord(sha: facts.diffID.description, types: LayerTypes(cache: true), data: .null)
        let record = CacheRecord(
            metadata: CacheMetadata(buildpacks: [BuildpackRecord(key: "kit/a", version: "1", layers: ["l": layer])]),
            blobs: [facts.diffID.description: facts])
        var image = try record.image(in: there, platform: .host)
        if let mediaType {
            var config = ImageConfig(platform: .host)
            config.settings.labels = image.config.settings.labels
            config.settings.labels["org.tote.cache.encodings"] = #"{"\#(facts.diffID)":"gzip:1"}"#
            image = try Image(config: config, blobs: there).appending([NewLayer(facts, history: History(), mediaType: mediaType)])
        }
        try await image.write(toOwnLayout: scratch.path("cache"), tag: CacheLocation.tag) {}
        return (image, facts)
    }

    private func imported(limit: Int64 = 1 << 30) async throws -> CacheRecord? {
        try scratch.makeFolder("scratch")
        return try await CacheImport(
            store: store, platform: .host, limit: UnpackingLimit(bytes: limit),
            registry: { throw Fault("no registry") }, own: CacheRecord(), events: { [warnings] in warnings.add($0) }
        ).record(from: .folder(scratch.path("cache")), scratch: scratch.path("scratch"))
    }

    /// D-95: another version of tote makes other bytes in the same encoding, so nobody's word for it is taken.
    @Test(arguments: [LayerEncoding.gzip(level: 1), .gzip(level: 9), .zstd(level: 3), .none])
    func blobsOfNobodyKnowsWhatEncoding(encoding: LayerEncoding) async throws {
        let (image, facts) = try await cache(encoding)
        let record = try #require(try await imported())
        #expect(warnings.texts.isEmpty)
        let known = try #require(record.blobs[facts.diffID.description])
        #expect(known.digest == facts.digest && known.encoding == nil && known.compression == encoding.compression)
        #expect(store.blob(of: facts.diffID, encoding) == nil && store.anyBlob(of: facts.diffID) == known)
        // Written again from here, it is the same image.
        #expect(try record.image(in: store, platform: .host).digest == image.digest)
        #expect(image.manifest.layers.map(\.mediaType) == [.layer(.oci, encoding.compression)])
    }

    /// D-61
    @Test func whatIsNotWhatItsTypeSays() async throws {
        let (_, facts) = try await cache(.zstd(level: 3), mediaType: .ociLayerGzip)
        let record = try await imported()
        #expect(record?.blobs.isEmpty == true && store.anyBlob(of: facts.diffID) == nil)
        #expect(warnings.texts.count == 1 && warnings.texts[0].contains("its compression is said to be gzip, and is zstd"))
    }

    /// S-2: headers count as contents do.
    @Test func layersThatBecomeTooLarge() async throws {
        let (_, facts) = try await cache(.gzip(level: 1), name: String(repeating: "n", count: 100_000))
        let record = try await imported(limit: 100_000)
        #expect(record?.blobs.isEmpty == true && store.anyBlob(of: facts.diffID) == nil)
        #expect(warnings.texts.count == 1 && warnings.texts[0].contains("larger than 100000 bytes"))
        #expect(try await imported(limit: 110_000)?.blobs.count == 1)
    }

    /// Of the digest of the cache's blob, or of another compression.
    @Test(arguments: [LayerEncoding.gzip(level: 1), .zstd(level: 3)])
    func aDamagedBlobHereIsMadeGoodByTheCache(encoding: LayerEncoding) async throws {
        let (_, first) = try await cache(encoding)
        try #require(try await imported() != nil)
        let bytes = Data(repeating: 7, count: Int(first.size))
        try bytes.write(to: URL(filePath: store.path(of: first.digest)))
        let (_, second) = try await cache(.gzip(level: 1))
        let record = try #require(try await imported())
        #expect(warnings.texts.isEmpty)
        #expect(record.blobs[second.diffID.description]?.digest == second.digest)
        #expect(store.contains(second.digest) && store.contains(first.digest) == (first.digest == second.digest))
        #expect(try store.validate().isEmpty)
    }
}
