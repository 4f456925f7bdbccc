import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@Suite("Restore phase (D.2)")
struct RestorePhaseTests {
    static let element = try? GroupElement(
        id: BuildpackID("kit/a"), version: BuildpackVersion("2"), api: APIVersion(0, 12))

    static func restore(
        _ root: TestRoot, previous: PreviousImage? = nil, cache: CacheRecord = CacheRecord(), skipLayers: Bool = false,
        platformAPI: APIVersion = APIVersion(0, 15), owner: Ownership? = nil, _ events: EventRecorder = EventRecorder()
    ) async throws {
        try await RestorePhase(
            room: ScriptedRoom(root, owner: owner), group: Group(buildpacks: [try #require(element)]),
            inputs: root.inputs(platformAPI: platformAPI),
            previous: previous, cache: cache, skipLayers: skipLayers, store: root.store, events: events.events
        ).run()
    }

    /// The layer `kit/a:l` as the last build cached it.
    static func cached(
        _ root: TestRoot, _ letters: String, sha: String? = nil, data: CNBSpec.JSONValue = .object(["from": .string("cache")])
    ) throws
        -> (record: CacheRecord, facts: LayerFacts)
    {
        let facts = try root.storeLayer([("/layers/", ""), ("/layers/kit_a/", ""), ("/layers/kit_a/l/", ""), ("/layers/kit_a/l/f", "data")])
        let record = LayerRecord(sha: sha ?? facts.diffID.description, types: LayerTypes(letters: letters), data: data)
        return (
            CacheRecord(
                metadata: CacheMetadata(buildpacks: [BuildpackRecord(key: "kit/a", version: "1", layers: ["l": record])]),
                blobs: [facts.diffID.description: facts]),
            facts
        )
    }

    struct Row: Sendable, CustomTestStringConvertible {
        /// Types in the app image's label and in the cache; nil where it has no such layer.
        var app: String?
        var cache: String?
        var sameContent = true
        var platformAPI = APIVersion(0, 15)
        /// `from` of the metadata, nil when the document does not come back.
        var metadata: String?
        var data: Bool
        var testDescription: String {
            "app \(app ?? "-") cache \(cache ?? "-") API \(platformAPI)\(sameContent ? "" : ", other content")"
        }
    }

    // D-18, D-20, D-21
    static let rows: [Row] = [
        Row(app: "bcl", cache: "bcl", metadata: "app", data: true),
        Row(app: "bcl", cache: nil, metadata: nil, data: false),
        Row(app: nil, cache: "bc", metadata: "cache", data: true),
        Row(app: "bl", cache: nil, metadata: nil, data: false),
        Row(app: "b", cache: nil, metadata: nil, data: false),
        Row(app: "cl", cache: "cl", metadata: "app", data: true),
        Row(app: "cl", cache: nil, metadata: nil, data: false),
        Row(app: nil, cache: "c", metadata: "cache", data: true),
        Row(app: "l", cache: nil, metadata: "app", data: false),
        Row(app: "", cache: nil, metadata: nil, data: false),
        Row(app: "cl", cache: "cl", sameContent: false, metadata: nil, data: false),
        Row(app: nil, cache: "cl", metadata: "cache", data: true),
        Row(app: nil, cache: "cl", platformAPI: APIVersion(0, 13), metadata: nil, data: false),
        Row(app: nil, cache: "", metadata: nil, data: false),
    ]

    @Test("D-18 to D-21: what comes back", arguments: rows)
    func table(_ row: Row) async throws {
        let root = try TestRoot(), events = EventRecorder()
        let cached = try Self.cached(root, row.cache ?? "")
        let sha = row.sameContent ? cached.facts.diffID.description : Digest.of([1]).description
        let previous = try row.app.map { letters in
            try root.previousImage(
                LifecycleMetadata([
                    "kit/a:l": LayerRecord(sha: sha, types: LayerTypes(letters: letters), data: .object(["from": .string("app")]))
                ]))
        }
        try await Self.restore(
            root, previous: previous, cache: row.cache == nil ? CacheRecord() : cached.record, platformAPI: row.platformAPI, events)
        // D-19: without types.
        #expect(root.text("/layers/kit_a/l.toml") == row.metadata.map { "[metadata]\n  from = \"\($0)\"\n" })
        #expect(root.text("/layers/kit_a/l/f") == (row.data ? "data" : nil))
        #expect(events.warnings.isEmpty)
        let lines = events.notes
        #expect(lines.contains("Removing \"kit/a:l\", wrong sha") == !row.sameContent)
        #expect(lines.contains("Restoring data for \"kit/a:l\" from cache") == row.data)
        #expect(lines.contains { $0.hasPrefix("Restoring metadata for \"kit/a:l\"") } == (row.metadata != nil))
    }

    @Test("D-15: nothing known, nothing restored")
    func nothing() async throws {
        let root = try TestRoot()
        try await Self.restore(root)
        #expect(root.names("/layers").isEmpty)
    }

    @Test("D-16, D-17, C-80: store.toml comes back even when layers do not", arguments: [false, true])
    func store(_ skipLayers: Bool) async throws {
        let root = try TestRoot()
        let metadata = try LifecycleMetadata(
            ["kit/a:l": LayerRecord(sha: "", types: LayerTypes(launch: true))],
            store: ["kit/a": .object(["n": .integer(1)]), "kit/other": .object(["n": .integer(2)])])
        try await Self.restore(root, previous: try root.previousImage(metadata), skipLayers: skipLayers)
        #expect(root.text("/layers/kit_a/store.toml") == "[metadata]\n  n = 1\n")
        #expect(root.exists("/layers/kit_a/l.toml") == !skipLayers)
        #expect(root.names("/layers") == ["kit_a"], "D-23: other buildpacks are left out")
    }

    @Test("D-22: a cached blob that is gone is a warning, and its document does not come back either")
    func missingBlob() async throws {
        let root = try TestRoot(), events = EventRecorder()
        let cached = try Self.cached(root, "bc")
        #expect(unlink(root.store.path(of: cached.facts.digest)) == 0)
        try await Self.restore(root, cache: cached.record, events)
        #expect(events.warnings == ["the cached layer 'kit/a:l' is missing; it will be made again"])
        #expect(root.names("/layers").isEmpty)
    }

    @Test("D-22: a damaged blob is a warning, and no part of it stays", arguments: ["empty", "cut", "other bytes", "another layer"])
    func damagedBlob(_ damage: String) async throws {
        let root = try TestRoot(), events = EventRecorder()
        let cached = try Self.cached(root, "bc")
        let path = root.store.path(of: cached.facts.digest)
        let bytes = try TestRoot.bytes(path)
        switch damage {
        case "empty": try TestRoot.replace(path, [])
        case "cut": try TestRoot.replace(path, Array(bytes.dropLast(20)))
        case "other bytes": try TestRoot.replace(path, Array("no archive at all".utf8))
        default:
            let other = try root.storeLayer([("/layers/kit_a/l/", ""), ("/layers/kit_a/l/f", "other")])
            try TestRoot.replace(path, try TestRoot.bytes(root.store.path(of: other.digest)))
        }
        try await Self.restore(root, cache: cached.record, events)
        #expect(events.warnings.count == 1)
        #expect(events.warnings.first?.hasPrefix("the cached layer 'kit/a:l' is damaged; it will be made again: ") == true)
        #expect(root.names("/layers/kit_a").isEmpty)
    }

    @Test("A cached blob is unpacked into its layer's folder and nowhere else")
    func foreignPaths() async throws {
        let root = try TestRoot(), events = EventRecorder()
        let facts = try root.storeLayer([
            ("/workspace/planted", "x"), ("/layers/kit_a/", ""), ("/layers/kit_a/l/", ""), ("/layers/kit_a/l/f", "data"),
            ("/layers/kit_a/other/f", "x"),
        ])
        let record = LayerRecord(sha: facts.diffID.description, types: LayerTypes(build: true, cache: true))
        let cache = CacheRecord(
            metadata: CacheMetadata(buildpacks: [BuildpackRecord(key: "kit/a", version: "1", layers: ["l": record])]),
            blobs: [facts.diffID.description: facts])
        try await Self.restore(root, cache: cache, events)
        #expect(root.text("/layers/kit_a/l/f") == "data")
        #expect(root.names("/layers/kit_a") == ["l", "l.toml"])
        #expect(root.names("/workspace").isEmpty)
    }

    @Test("A record whose blob is another layer's is damage, not a layer")
    func mixedRecord() async throws {
        let root = try TestRoot(), events = EventRecorder()
        let cached = try Self.cached(root, "bc", sha: Digest.of([7]).description)
        var record = cached.record
        record.blobs = [Digest.of([7]).description: cached.facts]
        try await Self.restore(root, cache: record, events)
        #expect(events.warnings.count == 1)
        #expect(!root.exists("/layers/kit_a/l"))
    }

    @Test("Modes and links of a cached layer come back; it belongs to the room's user")
    func attributes() async throws {
        let root = try TestRoot()
        try root.write("/layers/kit_a/l/bin/x", "x", mode: 0o755)
        try root.link("/layers/kit_a/l/link", to: "/layers/kit_a/l/bin/x")
        try root.link("/layers/kit_a/l/away", to: "../../../../etc/passwd")
        let owner = Ownership(user: 12345, group: 54321)
        let writer = LayerContentsWriter(root: root.root, owner: owner)
        let ingest = try root.store.ingest()
        let layer = LayerWriter(.gzip(to: ingest.descriptor))
        try writer.write(.directory(path: "/layers/kit_a/l"), to: layer)
        let facts = try layer.finish()
        try ingest.commit(facts)
        try root.root.removeTree("/layers/kit_a")
        let record = LayerRecord(sha: facts.diffID.description, types: LayerTypes(cache: true))
        try await Self.restore(
            root,
            cache: CacheRecord(
                metadata: CacheMetadata(buildpacks: [BuildpackRecord(key: "kit/a", version: "1", layers: ["l": record])]),
                blobs: [facts.diffID.description: facts]))
        let status = try #require(try root.root.status("/layers/kit_a/l/bin/x"))
        #expect(status.mode == 0o755)
        #expect(status.owner == Ownership(user: geteuid(), group: getegid()))
        #expect(try root.root.linkTarget("/layers/kit_a/l/link") == "/layers/kit_a/l/bin/x")
        #expect(try root.root.linkTarget("/layers/kit_a/l/away") == "../../../../etc/passwd")
    }

    @Test(
        "D-22: a layer of another user's build belongs to the user of this one",
        .enabled(if: geteuid() == 0, "only root can give files away"))
    func otherUser() async throws {
        let root = try TestRoot()
        let facts = try root.storeLayer(
            [("/layers/", ""), ("/layers/kit_a/", ""), ("/layers/kit_a/l/", ""), ("/layers/kit_a/l/f", "data")],
            owner: Ownership(user: 1000, group: 1000))
        let record = LayerRecord(sha: facts.diffID.description, types: LayerTypes(cache: true))
        let now = Ownership(user: 2000, group: 3000)
        try await Self.restore(
            root,
            cache: CacheRecord(
                metadata: CacheMetadata(buildpacks: [BuildpackRecord(key: "kit/a", version: "1", layers: ["l": record])]),
                blobs: [facts.diffID.description: facts]), owner: now)
        for path in ["/layers/kit_a", "/layers/kit_a/l", "/layers/kit_a/l/f", "/layers/kit_a/l.toml"] {
            #expect(try root.root.status(path)?.owner == now, "\(path)")
        }
    }

    @Test(
        "Names in labels that are no names of layers restore nothing",
        arguments: ["../x", "..", "a/b", "", "launch", "store", "build", "a\nb", "\u{1b}[2J"])
    func hostileNames(_ name: String) async throws {
        let root = try TestRoot()
        var metadata = LifecycleMetadata()
        metadata.buildpacks = [
            BuildpackRecord(key: "kit/a", version: "1", layers: [name: LayerRecord(sha: "s", types: LayerTypes(launch: true))])
        ]
        try await Self.restore(root, previous: try root.previousImage(metadata))
        #expect(root.names("/layers").isEmpty && root.names("/").contains("layers"))
    }

    // D-24
    static func sbom(_ root: TestRoot, _ kind: String, _ files: [String]) throws -> LayerFacts {
        try root.storeLayer(files.map { ("/layers/sbom/\(kind)/\($0)", "\(kind) \($0)") })
    }

    @Test("D-24: layers' SBOMs come back, the image's win over the cache's, others do not")
    func sboms() async throws {
        let root = try TestRoot()
        let launch = try Self.sbom(
            root, "launch",
            ["kit_a/l/sbom.cdx.json", "kit_a/sbom.cdx.json", "kit_other/l/sbom.cdx.json", "sbom.legacy.json", "kit_a/l/sbom.other.json"])
        let cacheLayer = try Self.sbom(root, "cache", ["kit_a/l/sbom.cdx.json", "kit_a/c/sbom.spdx.json"])
        var metadata = try LifecycleMetadata(["kit/a:l": LayerRecord(sha: "s", types: LayerTypes(launch: true))])
        metadata.sbom = LayerDigest(launch.diffID.description)
        let previous = try root.previousImage(metadata, [NewLayer(launch, history: History())])
        var cache = CacheRecord()
        cache.metadata.sbom = LayerDigest(cacheLayer.diffID.description)
        cache.blobs = [cacheLayer.diffID.description: cacheLayer]
        try await Self.restore(root, previous: previous, cache: cache)
        #expect(root.names("/layers") == ["kit_a"])
        #expect(root.names("/layers/kit_a") == ["c.sbom.spdx.json", "l.sbom.cdx.json", "l.toml"])
        #expect(root.text("/layers/kit_a/l.sbom.cdx.json") == "launch kit_a/l/sbom.cdx.json")
    }

    @Test("D-24: nothing for a buildpack whose folder does not exist")
    func sbomWithoutFolder() async throws {
        let root = try TestRoot()
        let launch = try Self.sbom(root, "launch", ["kit_a/l/sbom.cdx.json"])
        var metadata = LifecycleMetadata()
        metadata.sbom = LayerDigest(launch.diffID.description)
        try await Self.restore(root, previous: try root.previousImage(metadata, [NewLayer(launch, history: History())]))
        #expect(root.names("/layers").isEmpty)
    }

    @Test("A damaged SBOM layer of the cache is a warning; a damaged one of the image ends with 42")
    func damagedSBOM() async throws {
        let root = try TestRoot(), events = EventRecorder()
        let layer = try Self.sbom(root, "cache", ["kit_a/l/sbom.cdx.json"])
        try TestRoot.replace(root.store.path(of: layer.digest), Array("no archive at all".utf8))
        var cache = CacheRecord()
        cache.metadata.sbom = LayerDigest(layer.diffID.description)
        cache.blobs = [layer.diffID.description: layer]
        try await Self.restore(root, cache: cache, events)
        #expect(events.warnings.first?.hasPrefix("the cached SBOM layer is damaged") == true)

        // Of an image, a blob that is what its digest says and yet no layer.
        let bytes = Array("no archive at all".utf8)
        let wrong = LayerFacts(diffID: DiffID(Digest.of([9])), digest: try root.store.put(bytes), size: Int64(bytes.count))
        var metadata = LifecycleMetadata()
        metadata.sbom = LayerDigest(wrong.diffID.description)
        let previous = try root.previousImage(metadata, [NewLayer(wrong, history: History())])
        let fault = try await #require(throws: Fault.self) { try await Self.restore(root, previous: previous) }
        #expect(fault.exitCode == 42)
    }

    enum Loss: CaseIterable { case missing, short, otherBytes }

    static func lose(_ facts: LayerFacts, _ loss: Loss, in root: TestRoot) throws {
        let path = root.store.path(of: facts.digest)
        var bytes = try TestRoot.bytes(path)
        bytes[bytes.count / 2] ^= 1
        switch loss {
        case .missing: #expect(unlink(path) == 0)
        case .short: try TestRoot.replace(path, Array(bytes.dropLast()))
        case .otherBytes: try TestRoot.replace(path, bytes)
        }
    }

    @Test(
        "D-24: without the image's SBOMs no layer is reused, as it would come into the next image without its own", arguments: Loss.allCases
    )
    func lostSBOM(_ loss: Loss) async throws {
        let root = try TestRoot(), events = EventRecorder()
        let launch = try Self.sbom(root, "launch", ["kit_a/l/sbom.cdx.json"])
        var metadata = try LifecycleMetadata(["kit/a:l": LayerRecord(sha: "s", types: LayerTypes(launch: true))])
        metadata.sbom = LayerDigest(launch.diffID.description)
        let previous = try root.previousImage(metadata, [NewLayer(launch, history: History())])
        try Self.lose(launch, loss, in: root)
        try await Self.restore(root, previous: previous, events)
        #expect(root.names("/layers").isEmpty)
        #expect(events.warnings.count == 1 && events.warnings[0].hasPrefix("the SBOM layer of the previous image is missing or damaged"))
        #expect(!root.store.contains(launch.digest) || loss == .short)
    }

    @Test("D-24: without the image's SBOMs those of the cache stay away too, or a layer that is made again would get an old one")
    func lostSBOMAndCache() async throws {
        let root = try TestRoot()
        let launch = try Self.sbom(root, "launch", ["kit_a/l/sbom.cdx.json"])
        let cacheLayer = try Self.sbom(root, "cache", ["kit_a/l/sbom.cdx.json", "kit_a/c/sbom.spdx.json"])
        // The buildpack's folder comes back with its store.toml.
        var metadata = try LifecycleMetadata(
            ["kit/a:l": LayerRecord(sha: "s", types: LayerTypes(launch: true))], store: ["kit/a": .object(["n": .integer(1)])])
        metadata.sbom = LayerDigest(launch.diffID.description)
        let previous = try root.previousImage(metadata, [NewLayer(launch, history: History())])
        var cache = try Self.cached(root, "bcl").record
        cache.metadata.sbom = LayerDigest(cacheLayer.diffID.description)
        cache.blobs[cacheLayer.diffID.description] = cacheLayer
        try Self.lose(launch, .missing, in: root)
        try await Self.restore(root, previous: previous, cache: cache)
        #expect(root.names("/layers/kit_a") == ["store.toml"])
    }

    @Test("D-18: a launch-only layer whose blob the store lost is restored as absent", arguments: [Loss.missing, .short])
    func lostLaunchLayer(_ loss: Loss) async throws {
        let root = try TestRoot(), events = EventRecorder()
        let facts = try root.storeLayer([("/layers/kit_a/l/", ""), ("/layers/kit_a/l/f", "x")])
        let metadata = try LifecycleMetadata(["kit/a:l": LayerRecord(sha: facts.diffID.description, types: LayerTypes(launch: true))])
        let previous = try root.previousImage(metadata, [NewLayer(facts, history: History())])
        try Self.lose(facts, loss, in: root)
        try await Self.restore(root, previous: previous, events)
        #expect(root.names("/layers").isEmpty)
        #expect(
            events.warnings
                == ["the layer 'kit/a:l' of the previous image is missing in the image store, or cut short; it will be made again"])
        // Elsewhere it may still be.
        let other = EventRecorder()
        let elsewhere = try #require(PreviousImage(previous.image.with(blobs: LayeredBlobs(root.store, over: []))))
        try await Self.restore(root, previous: elsewhere, other)
        #expect(root.names("/layers/kit_a") == ["l.toml"] && other.warnings.isEmpty)
    }

    @Test("D-22: what the restore finds damaged is gone for the export", arguments: [true, false])
    func damagedBlobsGo(_ isDamaged: Bool) async throws {
        let root = try TestRoot()
        let cached = try Self.cached(root, "bc", sha: isDamaged ? nil : Digest.of([7]).description)
        var record = cached.record
        if isDamaged {
            try Self.lose(cached.facts, .otherBytes, in: root)
        } else {
            record.blobs = [Digest.of([7]).description: cached.facts]
        }
        try await Self.restore(root, cache: record)
        // A blob that is what its name says is not to blame for a wrong record.
        #expect(root.store.contains(cached.facts) == !isDamaged)
    }

    @Test("D-5: an image without a label, or with one that cannot be read, is no previous image", arguments: [nil, "{", "[]"])
    func noPreviousImage(_ label: String?) throws {
        let root = try TestRoot()
        #expect(PreviousImage(try root.runImage { $0.settings.labels[LabelName.lifecycleMetadata] = label }) == nil)
    }

    @Test("A cancelled restore is a cancellation")
    func cancellation() async throws {
        let root = try TestRoot()
        let cached = try Self.cached(root, "bc")
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await Self.restore(root, cache: cached.record)
        }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }
}
