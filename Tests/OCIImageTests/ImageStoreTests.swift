import Archive
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@Suite struct ImageStoreTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func tagAndFind() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        #expect(try store.image(ref("app")) == nil)
        try store.tag(image, [ref("app"), ref("ghcr.io/o/r:1")])
        // Another process sees the same.
        let other = try scratch.store()
        for name in ["app", "app:latest", "docker.io/library/app", "ghcr.io/o/r:1"] {
            #expect(try other.image(ref(name))?.digest == image.digest)
        }
        #expect(try other.image(image.digest)?.config == image.config)
        #expect(try other.image(ref("other@\(image.digest)"))?.digest == image.digest)
        #expect(try other.list().map(\.name) == ["docker.io/library/app:latest", "ghcr.io/o/r:1"])
        let listed = try #require(try other.list().first)
        #expect(try listed.reference == ref("app"))
        #expect(listed.size == image.manifest.totalSize)
        #expect(listed.created == "1980-01-01T00:00:01Z")
        #expect(listed.isComplete)
        #expect(try store.validate() == [])
    }

    @Test func aNameMoves() throws {
        let store = try scratch.store()
        let one = try sampleImage(in: store, contents: ["one"]), two = try sampleImage(in: store, contents: ["two"])
        try store.tag(one, [ref("app"), ref("app:old")])
        try store.tag(two, [ref("app")])
        #expect(try store.image(ref("app"))?.digest == two.digest)
        #expect(try store.image(ref("app:old"))?.digest == one.digest)
        #expect(try store.list().count == 2)
        #expect(try store.untag(ref("app")))
        #expect(try !store.untag(ref("app")))
        #expect(try store.image(ref("app")) == nil)
    }

    @Test func missingLayerIsRefused() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        unlink(store.path(of: image.manifest.layers[1].digest))
        let fault = try #require(throws: Fault.self) { try store.tag(image, [ref("app")]) }
        #expect(fault.message == "'app' cannot be stored: layer \(image.manifest.layers[1].digest) is not in the store")
        #expect(try store.image(ref("app")) == nil)
        // A blob cut short, as after a power cut, is missing too.
        truncate(store.path(of: image.manifest.layers[0].digest), 3)
        #expect(throws: Fault.self) { try store.tag(image, [ref("app")]) }
        // Kept by digest it may be incomplete.
        try store.keep(image)
        try store.keep(image)
        #expect(try store.list().map(\.isComplete) == [false])
        #expect(try store.list().map(\.name) == [nil])
        #expect(try store.image(image.digest)?.config == image.config)
        #expect(try store.unkeep(image.digest))
        #expect(try store.list().isEmpty)
    }

    @Test func tagNeedsATag() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        #expect(throws: Fault.self) { try store.tag(image, [ref("app@\(image.digest)")]) }
    }

    @Test func ingestVerifies() throws {
        let store = try scratch.store()
        let bytes = Array("hello".utf8), digest = Digest.of(bytes)
        let wrong = try store.ingest()
        try wrong.append(Array("hellO".utf8))
        #expect(throws: Fault.self) { try wrong.commit(expecting: digest, size: 5) }
        let short = try store.ingest()
        try short.append(bytes)
        #expect(throws: Fault.self) { try short.commit(expecting: digest, size: 6) }
        #expect(!store.contains(digest))
        let right = try store.ingest()
        try right.append(bytes)
        try right.commit(expecting: digest, size: 5)
        #expect(store.contains(digest))
        // Written by somebody else through the descriptor: hashed from the file.
        let other = Array("other".utf8)
        let foreign = try store.ingest()
        #expect(write(foreign.descriptor, other, 5) == 5)
        #expect(throws: Fault.self) { try foreign.commit(expecting: digest, size: 5) }
        try foreign.commit(expecting: .of(other), size: 5)
        #expect(try store.document(.of(other)) == other)
    }

    @Test func droppedIngestLeavesNothing() throws {
        let store = try scratch.store()
        do {
            let ingest = try store.ingest()
            try ingest.append([1, 2, 3])
            #expect(names(in: scratch("images/ingest")).count == 1)
        }
        #expect(names(in: scratch("images/ingest")).isEmpty)
    }

    @Test func abandonedFilesGoAndLiveOnesStay() throws {
        let store = try scratch.store()
        writeFile(scratch("images/ingest/abandoned"), "x")
        let ingest = try store.ingest()
        try ingest.append([1])
        let again = try scratch.store()
        #expect(names(in: scratch("images/ingest")).count == 1)
        try ingest.commit(expecting: .of([1]), size: 1)
        #expect(again.contains(.of([1])))
    }

    @Test func damagedDocumentIsWrittenAnew() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        try store.tag(image, [ref("app")])
        writeFile(store.path(of: image.digest), String(repeating: "x", count: image.manifestBytes.count))
        #expect(try store.image(image.digest) == nil)
        #expect(throws: Fault.self) { try store.image(ref("app")) }
        #expect(try store.list().map(\.size) == [nil])
        #expect(try store.validate().count == 2)
        #expect(throws: Fault.self) { try store.removeUnreachable() }
        try store.tag(image, [ref("app")])
        #expect(try store.image(ref("app"))?.digest == image.digest)
        #expect(try store.validate() == [])
    }

    @Test func validateFindsWhatIsWrong() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        try store.tag(image, [ref("app")])
        let layers = image.manifest.layers
        writeFile(store.path(of: layers[0].digest), "no layer")
        unlink(store.path(of: layers[1].digest))
        writeFile(scratch("images/blobs/sha256/stray"), "")
        let problems = try store.validate()
        #expect(problems.count == 3)
        #expect(problems.contains { $0.contains("stray' is not a blob") })
        #expect(problems.contains { $0.contains("blob \(layers[0].digest) is damaged") })
        #expect(
            problems.contains {
                $0 == "'docker.io/library/app:latest': blob \(layers[1].digest) is missing or has another size than \(layers[1].size)"
            })
    }

    @Test func removeUnreachable() throws {
        let store = try scratch.store()
        let kept = try sampleImage(in: store, contents: ["base", "kept"]), gone = try sampleImage(in: store, contents: ["base", "gone"])
        let rooted = try sampleImage(in: store, contents: ["rooted"]), nameless = try sampleImage(in: store, contents: ["nameless"])
        let lone = try store.put(Array("lone blob".utf8)), stray = try store.put(Array("stray".utf8))
        try store.tag(kept, [ref("kept")])
        try store.tag(gone, [ref("gone")])
        try store.tag(rooted, [ref("rooted")])
        try store.keep(nameless)
        try store.untag(ref("gone"))
        try store.untag(ref("rooted"))
        let freed = try store.removeUnreachable(keeping: [rooted.digest, lone, .of([9])])
        let goneLayer = gone.manifest.layers[1]
        #expect(freed == Int64(gone.manifestBytes.count + gone.configBytes.count + 5) + goneLayer.size)
        #expect(!store.contains(gone.digest) && !store.contains(goneLayer.digest) && !store.contains(stray))
        #expect(store.contains(lone))
        for image in [kept, rooted, nameless] {
            #expect(try store.image(image.digest) != nil)
            #expect(image.manifest.layers.allSatisfy { store.contains($0) })
        }
        #expect(try store.validate() == [])
        #expect(try store.removeUnreachable(keeping: [rooted.digest, lone]) == 0)
    }

    @Test func indexesAreFollowed() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        try store.tag(image, [ref("app")])
        var entry = image.descriptor
        entry.platform = .host
        let index = try store.put(try Index(manifests: [entry, Descriptor(mediaType: .ociManifest, digest: .of([1]), size: 1)]).encoded())
        try store.untag(ref("app"))
        _ = try store.removeUnreachable(keeping: [index])
        #expect(try store.image(index)?.digest == image.digest)
    }

    @Test func buildsHoldOffRemoval() throws {
        let store = try scratch.store()
        let build = try #require(try store.lock(.shared))
        let second = try #require(try store.lock(.shared, waiting: false))
        #expect(try store.removeUnreachable(waiting: false) == nil)
        build.release()
        #expect(try store.removeUnreachable(waiting: false) == nil)
        second.release()
        #expect(try store.removeUnreachable(waiting: false) == 0)
        #expect(try store.lock(.exclusive, waiting: false) != nil)
    }

    @Test func openFoldersAreRefused() throws {
        _ = try scratch.store()
        chmod(scratch("images"), 0o755)
        let fault = try #require(throws: Fault.self) { try scratch.store() }
        #expect(fault.hint?.contains("chmod 700") == true)
        writeFile(scratch("file"), "x")
        #expect(throws: Fault.self) { try ImageStore(at: scratch("file")) }
        #expect(throws: Fault.self) { try ImageStore(at: scratch("file/below")) }
    }

    @Test(.enabled(if: geteuid() == 0)) func foreignFoldersAreRefused() throws {
        _ = try scratch.store()
        chown(scratch("images"), 4242, 4242)
        let fault = try #require(throws: Fault.self) { try scratch.store() }
        #expect(fault.message.contains("belongs to user 4242"))
        #expect(fault.hint != nil)
    }

    @Test func brokenIndexIsAClearError() throws {
        let store = try scratch.store()
        writeFile(scratch("images/index.json"), "{")
        let fault = try #require(throws: Fault.self) { try store.list() }
        #expect(fault.message.contains("index.json' cannot be read"))
    }

    @Test func layeredBlobs() async throws {
        let upper = try scratch.store("upper"), lower = try scratch.store("lower")
        let image = try sampleImage(in: lower, contents: ["a"])
        let facts = try sampleLayer("b", in: upper)
        let both = try image.with(blobs: LayeredBlobs(upper, over: [image])).appending([NewLayer(facts, history: History())])
        #expect(try await both.blobs.blob(both.manifest.layers[0]) == lower.path(of: both.manifest.layers[0].digest))
        #expect(try await both.blobs.blob(both.manifest.layers[1]) == upper.path(of: facts.digest))
        await #expect(throws: Fault.self) { try await both.blobs.blob(Descriptor(mediaType: .ociLayer, digest: .of([]), size: 0)) }
    }
}

@Suite struct RemoteRecordsTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func remember() throws {
        let records = try RemoteRecords(at: scratch("remotes"))
        let reference = try ref("ghcr.io/o/r:1")
        #expect(records.record(for: reference) == nil)
        var record = RemoteRecord(
            reference: reference, resolved: .of([2]), digest: .of([1]), mediaType: .ociManifest, size: 5, checked: 1_700_000_000)
        try records.remember(record)
        record.checked += 1
        try records.remember(record)
        let again = try RemoteRecords(at: scratch("remotes"))
        #expect(again.record(for: reference) == record)
        #expect(try again.record(for: ref("ghcr.io/o/r:2")) == nil)
        #expect(try again.all() == [record])
        #expect(names(in: scratch("remotes")).count == 1)
        try again.forget(reference)
        try again.forget(reference)
        #expect(try again.all().isEmpty)
    }

    @Test func platformsAreRememberedApart() throws {
        let records = try RemoteRecords(at: scratch("remotes"))
        let reference = try ref("ghcr.io/o/r:1"), arm = try Platform(parsing: "linux/arm/v7")
        var own = RemoteRecord(reference: reference, resolved: .of([1]), digest: .of([2]), mediaType: .ociManifest, size: 5, checked: 1)
        let other = RemoteRecord(
            reference: reference, platform: arm, resolved: .of([1]), digest: .of([3]), mediaType: .ociManifest, size: 5, checked: 1)
        try records.remember(own)
        try records.remember(other)
        own.checked = 2
        try records.remember(own)
        #expect(records.record(for: reference) == own)
        #expect(records.record(for: reference, platform: arm) == other)
        #expect(try records.record(for: reference, platform: Platform(parsing: "linux/arm/v6")) == nil)
        #expect(records.records(for: reference).count == 2)
        #expect(try records.all().count == 2)
        #expect(names(in: scratch("remotes")).count == 1)
    }

    @Test func unreadableRecordsAreForgotten() throws {
        let records = try RemoteRecords(at: scratch("remotes"))
        let reference = try ref("app")
        try records.remember(
            RemoteRecord(reference: reference, resolved: .of([2]), digest: .of([1]), mediaType: .ociManifest, size: 5, checked: 1))
        let file = try #require(names(in: scratch("remotes")).first)
        writeFile(scratch("remotes/\(file)"), "{")
        #expect(records.record(for: reference) == nil)
        #expect(try records.all().isEmpty)
    }
}
