import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@Suite("Cache phase (D.9)")
struct CachePhaseTests {
    static func run(
        _ setup: ExportPhaseTests.Setup, exported: ExportedImage? = nil, replacing old: CacheRecord = CacheRecord(),
        _ events: EventRecorder = EventRecorder()
    ) async throws -> CacheRecord {
        let image: ExportedImage
        if let exported { image = exported } else { image = try await setup.export() }
        return try await CachePhase(
            root: setup.root.root, inputs: setup.root.inputs(), group: Group(buildpacks: setup.group),
            owner: Ownership(user: 1000, group: 1000),
            exported: image, store: setup.root.store, encoding: setup.encoding, events: events.events
        ).run(replacing: old).record
    }

    @Test("D-53, D-81, D-83: layers with cache = true are recorded; a launch layer's blob is the exported one")
    func record() async throws {
        var setup = try ExportPhaseTests.Setup()
        let events = EventRecorder()
        try setup.add("kit/a@1", layer: "both", "launch cache")
        try setup.add("kit/a@1", layer: "only", "cache build", ["f": "only"])
        try setup.add("kit/a@1", layer: "launch", "launch")
        try setup.add("kit/b@1", layer: "empty", "cache", [:])
        let exported = try await setup.export()
        let record = try await Self.run(setup, exported: exported, events)
        #expect(record.metadata.buildpacks.map(\.key) == ["kit/a", "kit/b"])
        #expect(record.metadata.buildpacks[0].layers.keys.sorted() == ["both", "only"])
        #expect(record.metadata.buildpacks[1].layers.isEmpty)
        #expect(record.metadata.buildpacks[0].layers["only"]?.types == LayerTypes(build: true, cache: true))
        let both = try #require(record.metadata.buildpacks[0].layers["both"])
        #expect(record.blobs[both.sha] == exported.buildpackLayers["kit/a:both"])
        #expect(record.metadata.sbom.sha.isEmpty)
        for facts in record.blobs.values { #expect(setup.root.store.contains(facts.digest)) }
        #expect(events.warnings == ["Failed to cache layer 'kit/b:empty' because it has no contents"])
        #expect(events.details == ["Adding cache layer 'kit/a:both'", "Adding cache layer 'kit/a:only'"])
    }

    @Test("D-84, D-87: an unchanged layer keeps its blob, a changed one gets another, a layer that is gone leaves the record")
    func replacing() async throws {
        var setup = try ExportPhaseTests.Setup()
        let events = EventRecorder()
        for layer in ["same", "changed", "gone"] { try setup.add("kit/a@1", layer: layer, "cache", ["f": layer]) }
        let old = try await Self.run(setup)
        try setup.root.write("/layers/kit_a/changed/f", "now")
        try setup.root.root.removeTree("/layers/kit_a/gone")
        try setup.root.root.removeTree("/layers/kit_a/gone.toml")
        let new = try await Self.run(setup, replacing: old, events)
        let before = old.metadata.buildpacks[0].layers, after = new.metadata.buildpacks[0].layers
        #expect(after.keys.sorted() == ["changed", "same"])
        #expect(after["same"] == before["same"] && after["changed"] != before["changed"])
        #expect(new.blobs.count == 2)
        #expect(events.details == ["Adding cache layer 'kit/a:changed'", "Reusing cache layer 'kit/a:same'"])
    }

    @Test("A blob that is gone from the store is made again")
    func missingBlob() async throws {
        var setup = try ExportPhaseTests.Setup()
        try setup.add("kit/a@1", layer: "l", "cache")
        let old = try await Self.run(setup)
        let facts = try #require(old.blobs.values.first)
        #expect(unlink(setup.root.store.path(of: facts.digest)) == 0)
        #expect(try await Self.run(setup, replacing: old) == old)
        #expect(setup.root.store.contains(facts.digest))
    }

    @Test("D-24: SBOMs of cached layers become a layer of their own, which a restore understands")
    func sbom() async throws {
        var setup = try ExportPhaseTests.Setup()
        try setup.add("kit/a@1", layer: "l", "cache")
        try setup.root.write("/layers/sbom/cache/kit_a/l/sbom.cdx.json", "{}")
        let record = try await Self.run(setup)
        #expect(record.blobs[record.metadata.sbom.sha] != nil)
        try setup.root.root.removeTree("/layers/kit_a")
        try setup.root.root.removeTree("/layers/sbom")
        try await RestorePhaseTests.restore(setup.root, cache: record)
        #expect(setup.root.names("/layers/kit_a") == ["l", "l.sbom.cdx.json", "l.toml"])
        #expect(setup.root.text("/layers/kit_a/l/f") == "x")
    }

    @Test("D-95: cached and built anew, a layer has the same diffID")
    func sameDiffID() async throws {
        var setup = try ExportPhaseTests.Setup()
        try setup.add("kit/a@1", layer: "l", "cache", ["bin/x": "1", "y": "2"])
        let record = try await Self.run(setup)
        try setup.root.root.removeTree("/layers/kit_a")
        try await RestorePhaseTests.restore(setup.root, cache: record)
        try setup.root.write("/layers/kit_a/l.toml", "[types]\ncache = true\n")
        let again = try await Self.run(setup)
        #expect(again.metadata.buildpacks == record.metadata.buildpacks)
        #expect(again.blobs == record.blobs)
    }
}

@Suite("Cache record")
struct BuildCacheTests {
    static func record() throws -> CacheRecord {
        let facts = LayerFacts(diffID: DiffID(Digest.of([1])), digest: Digest.of([2]), size: 3)
        let layer = LayerRecord(sha: facts.diffID.description, types: LayerTypes(cache: true), data: .object(["v": .string("ü/\n")]))
        return CacheRecord(
            metadata: CacheMetadata(buildpacks: [BuildpackRecord(key: "kit/a", version: "1", layers: ["l": layer])]),
            blobs: [facts.diffID.description: facts])
    }

    @Test("Saved and loaded, one file per image, nothing left beside it")
    func roundTrip() throws {
        let scratch = try ScratchDirectory()
        let cache = BuildCache(in: scratch.path, image: try Reference(parsing: "app"))
        #expect(try cache.load() == CacheRecord())
        let record = try Self.record()
        try cache.save(record)
        #expect(try cache.load() == record)
        #expect(try BuildCache(in: scratch.path, image: Reference(parsing: "docker.io/library/app:latest")).load() == record)
        #expect(try BuildCache(in: scratch.path, image: Reference(parsing: "app:2")).load() == CacheRecord())
        #expect(try ConfinedDirectory(scratch.path).names("").count == 1)
        #expect(try BuildCache.digests(in: scratch.path) == [Digest.of([2])])
        try cache.clear()
        try cache.clear()
        #expect(try cache.load() == CacheRecord())
    }

    @Test("A cache says whose it is and when it was used, apart from its record; one of before is found by its name")
    func namesAndTimes() throws {
        let scratch = try ScratchDirectory()
        let old = BuildCache(in: scratch.path, image: try Reference(parsing: "ghcr.io/acme/old:1"))
        let new = BuildCache(in: scratch.path, image: try Reference(parsing: "new"))
        try old.save(try Self.record())
        try new.save(try Self.record())
        let file = try #require(BuildCache.all(in: scratch.path).first { $0.image?.full == "ghcr.io/acme/old:1" }).file
        // As it was written before it had a name.
        usleep(20_000)
        let bytes = try CanonicalJSON.encode(try Self.record())
        try ConfinedDirectory(scratch.path).write(file, bytes)
        #expect(try old.load() == Self.record())
        let unknown = try BuildCache.all(in: scratch.path)
        #expect(unknown.map { $0.image?.full } == ["docker.io/library/new:latest", nil])
        let known = try BuildCache.all(in: scratch.path, knowing: [Reference(parsing: "other"), Reference(parsing: "ghcr.io/acme/old:1")])
        #expect(known.map { $0.image?.familiarTagged } == ["new:latest", "ghcr.io/acme/old:1"])
        // The record is the same, the file is not: it gets its name.
        usleep(20_000)
        try old.save(try Self.record())
        #expect(try BuildCache.all(in: scratch.path).map { $0.image?.familiarTagged } == ["new:latest", "ghcr.io/acme/old:1"])
        let before = try ConfinedDirectory(scratch.path).read(file)
        // Times of files are those of the clock's last tick.
        usleep(20_000)
        new.noteUse()
        #expect(try BuildCache.all(in: scratch.path).map { $0.image?.familiarTagged } == ["ghcr.io/acme/old:1", "new:latest"])
        try old.save(try Self.record())
        usleep(20_000)
        old.noteUse()
        #expect(try ConfinedDirectory(scratch.path).read(file) == before)
        #expect(try BuildCache.all(in: scratch.path).map { $0.image?.familiarTagged } == ["new:latest", "ghcr.io/acme/old:1"])
    }

    @Test("A file that says it is for another image than its own name does is nobody's")
    func foreignName() throws {
        let scratch = try ScratchDirectory()
        let record = try Self.record()
        try BuildCache(in: scratch.path, image: try Reference(parsing: "app")).save(record)
        let file = try #require(BuildCache.all(in: scratch.path).first).file
        let text = String(decoding: try ConfinedDirectory(scratch.path).read(file), as: UTF8.self)
        for name in ["\"docker.io/library/other:latest\"", "7", "\"\\u001b[2J\""] {
            try scratch.write(text.replacing("\"docker.io/library/app:latest\"", with: name), to: file)
            let found = try #require(BuildCache.all(in: scratch.path).first)
            #expect(found.image == nil && found.record == record)
        }
    }

    @Test(
        "D-89: what cannot be read is told, takes part as an empty record, and can be removed",
        arguments: [
            "", "{", "null", "[]", "{\"metadata\":{}}", "{\"metadata\":{\"sbom\":1},\"blobs\":{}}",
            "{\"metadata\":{},\"blobs\":{\"x\":{}}}",
        ])
    func garbled(_ text: String) throws {
        let scratch = try ScratchDirectory()
        let cache = BuildCache(in: scratch.path, image: try Reference(parsing: "app"))
        try cache.save(try Self.record())
        let name = try #require(ConfinedDirectory(scratch.path).names("").first)
        try scratch.write(text, to: name.string)
        let fault = #expect(throws: Fault.self) { try cache.load() }
        #expect(fault?.message == "'\(scratch.path)/\(name)' is no record of a build cache")
        #expect(try BuildCache.digests(in: scratch.path).isEmpty)
        let kept = try BuildCache.all(in: scratch.path, knowing: [Reference(parsing: "app")])
        #expect(kept.map(\.record) == [nil] && kept.map { $0.image?.familiar } == ["app"])
        try BuildCache.remove(#require(kept.first), in: scratch.path)
        #expect(try cache.load() == CacheRecord())
        try cache.save(try Self.record())
        #expect(try cache.load() == Self.record())
    }

    @Test("A link or a FIFO in the record's place is no record, and saving replaces it")
    func hostileRecord() throws {
        let scratch = try ScratchDirectory()
        let cache = BuildCache(in: scratch.path, image: try Reference(parsing: "app"))
        try cache.save(try Self.record())
        let name = try #require(ConfinedDirectory(scratch.path).names("").first).string
        try cache.clear()
        #expect(mkfifo(scratch.path(name), 0o600) == 0)
        #expect(throws: (any Error).self) { try cache.load() }
        #expect(try BuildCache.all(in: scratch.path).map(\.record) == [nil])
        try cache.save(try Self.record())
        #expect(try cache.load() == Self.record())
    }

    @Test("D-86: a record counts from the moment at which its image has the name")
    func announced() throws {
        let scratch = try ScratchDirectory()
        let cache = BuildCache(in: scratch.path, image: try Reference(parsing: "app"))
        let images = (1...3).map { Digest.of([$0]) }
        func record(_ number: UInt8) throws -> CacheRecord {
            var record = try Self.record()
            let facts = LayerFacts(diffID: DiffID(Digest.of([number])), digest: Digest.of([number, number]), size: 3)
            record.blobs = [facts.diffID.description: facts]
            return record
        }
        // The first build of an app.
        try cache.announce(record(1), of: images[0], after: nil)
        #expect(try cache.load(fitting: nil) == CacheRecord())
        #expect(try cache.load(fitting: images[0]) == record(1))
        try cache.save(record(1))
        #expect(try cache.load(fitting: nil) == record(1))
        // One that came to nothing, and one after it that did.
        try cache.announce(record(2), of: images[1], after: images[0])
        #expect(try cache.load(fitting: images[0]) == record(1) && cache.load(fitting: images[1]) == record(2))
        #expect(try BuildCache.digests(in: scratch.path) == [Digest.of([1, 1]), Digest.of([2, 2])])
        try cache.announce(record(3), of: images[2], after: images[0])
        #expect(try cache.load(fitting: images[0]) == record(1) && cache.load(fitting: images[2]) == record(3))
        // One that was killed when its image had the name already.
        try cache.announce(record(1), of: images[0], after: images[2])
        #expect(try cache.load(fitting: images[2]) == record(3) && cache.load(fitting: images[0]) == record(1))
        try cache.save(record(3))
        #expect(try cache.load(fitting: images[0]) == record(3))
        #expect(try BuildCache.digests(in: scratch.path) == [Digest.of([3, 3])])
        // Nothing is written when nothing changes.
        let bytes = try ConfinedDirectory(scratch.path).read(#require(BuildCache.all(in: scratch.path).first).file)
        try cache.announce(record(3), of: images[0], after: images[2])
        #expect(try ConfinedDirectory(scratch.path).read(#require(BuildCache.all(in: scratch.path).first).file) == bytes)
    }

    @Test("What is saved can be read: a record that is too large is refused, and the old one stays")
    func tooLarge() throws {
        let scratch = try ScratchDirectory()
        let cache = BuildCache(in: scratch.path, image: try Reference(parsing: "app"))
        func record(_ size: Int) throws -> CacheRecord {
            var record = try Self.record()
            record.metadata.buildpacks[0].layers["l"]?.data = .string(String(repeating: "x", count: size))
            return record
        }
        let large = try record(15 << 20)
        try cache.save(large)
        try cache.announce(large, of: Digest.of([1]), after: nil)
        try cache.announce(try record(15 << 20 - 1), of: Digest.of([2]), after: nil)
        #expect(try cache.load(fitting: Digest.of([1])) == large)
        try cache.save(large)
        let fault = #expect(throws: Fault.self) { try cache.save(record(17 << 20)) }
        #expect(fault?.message.contains("the limit is 16777216") == true && fault?.hint != nil)
        #expect(try cache.load() == large)
    }
}
