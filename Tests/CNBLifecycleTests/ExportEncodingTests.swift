import Archive
import CNBLifecycle
import CNBSpec
import Glibc
import OCIImage
import TestSupport
import Testing

/// What is asked of the blobs decides what they are, whatever the previous image and the store have.
@Suite("Encodings of layers")
struct ExportEncodingTests {
    private static func setup() throws -> ExportPhaseTests.Setup {
        var setup = try ExportPhaseTests.Setup()
        try setup.add("kit/a@1", layer: "l", "launch cache")
        try setup.root.write("/workspace/app", "app")
        return setup
    }

    private static let encodings: [LayerEncoding] = [.none, .gzip(level: 1), .gzip(level: 9), .zstd(level: 3), .zstd(level: 9)]

    @Test("The same digest with and without an image before it, in whatever encoding that one is", arguments: encodings, encodings)
    func sameDigest(encoding: LayerEncoding, before: LayerEncoding) async throws {
        var plain = try Self.setup()
        plain.encoding = encoding
        let expected = try await plain.export().image
        var setup = try Self.setup()
        setup.encoding = before
        setup.previous = PreviousImage(try await setup.export().image)
        setup.encoding = encoding
        let image = try await setup.export().image
        #expect(image.digest == expected.digest)
        #expect(Set(image.manifest.layers.dropFirst().map(\.mediaType)) == [.layer(.oci, encoding.compression)])
        #expect(Set(image.manifest.layers.dropFirst().map(\.encoding)) == [encoding == .standard ? nil : encoding])
        #expect(setup.events.notes.contains("Reusing layer 'kit/a:l'") == (encoding == before))
        #expect(image.config.diffIDs == setup.previous?.image.config.diffIDs)
        for layer in image.layers.dropFirst() {
            let file = open(setup.root.store.path(of: layer.descriptor.digest), O_RDONLY)
            defer { close(file) }
            #expect(try LayerReader(descriptor: file).finish() == layer.diffID)
        }
    }

    @Test("Who asks for nothing gets new layers in the standard encoding, and reused ones as they are")
    func nothingAsked() async throws {
        var setup = try Self.setup()
        let standard = try await setup.export().image
        setup.encoding = .gzip(level: 1)
        #expect(try await setup.export().image.digest == standard.digest)
        #expect(standard.manifest.layers.allSatisfy { $0.annotations.isEmpty && $0.mediaType == .ociLayerGzip })
        setup.encoding = .zstd(level: 3)
        let zstd = try await setup.export().image
        setup.encoding = nil
        setup.previous = PreviousImage(zstd)
        #expect(try await setup.export().image.digest == zstd.digest)
        try setup.root.write("/workspace/app", "new")
        let types = try await setup.export().image.manifest.layers.dropFirst().map(\.mediaType)
        #expect(types.filter { $0 == .ociLayerGzip }.count == 1 && types.filter { $0 == .ociLayerZstd }.count == types.count - 1)
    }

    @Test("Docker's family has no zstd: the image is an OCI image", arguments: [LayerEncoding.zstd(level: 3), .gzip(level: 6)])
    func docker(encoding: LayerEncoding) async throws {
        var setup = try Self.setup()
        setup.encoding = encoding
        let image = try await setup.export(on: setup.root.runImage(.docker)).image
        let family: MediaType.Family = encoding.compression == .zstd ? .oci : .docker
        #expect(image.family == family)
        #expect(image.manifest.layers.map(\.mediaType.family).allSatisfy { $0 == family })
        #expect(setup.events.notes.contains { $0.contains("OCI manifest") } == (family == .oci))
        // Docker's manifests have no place for the level.
        #expect(image.manifest.layers.dropFirst().allSatisfy { $0.annotations.isEmpty == (family == .docker) })
    }

    @Test("D-95: a layer that does not say how it was made is not taken for one in the standard encoding", arguments: [false, true])
    func levelsThatNobodySays(isConverted: Bool) async throws {
        let standard = LayerEncoding.gzip(level: 1), best = LayerEncoding.gzip(level: 9)
        // On a run image of Docker's, nothing says that the layers are of level 9.
        func export(_ setup: ExportPhaseTests.Setup) async throws -> Image {
            let image = try await setup.export(on: setup.root.runImage(.docker)).image
            return isConverted ? try image.converted(to: .oci) : image
        }
        var setup = try Self.setup()
        try setup.root.write("/layers/kit_a/l/f", (0..<5000).map { "\($0 * $0)" }.joined(separator: " "))
        setup.encoding = standard
        let expected = try await export(setup)
        setup.encoding = best
        let before = try await export(setup)
        #expect(before.digest != expected.digest)
        setup.previous = PreviousImage(before)
        #expect(try await export(setup).digest == before.digest)
        setup.encoding = standard
        #expect(try await export(setup).digest == expected.digest)
        // The store forgets everything.
        let path = setup.root.store.path
        func forget() throws { try ConfinedDirectory(path).removeTree("encodings") }
        try forget()
        #expect(try await export(setup).digest == expected.digest)
        // Nothing asked: as it was, and nobody takes it for what it is not.
        setup.encoding = nil
        try forget()
        let facts = try await setup.export(on: setup.root.runImage(.docker)).buildpackLayers["kit/a:l"]
        #expect(facts?.encoding == nil && before.manifest.layers.contains { $0.digest == facts?.digest })
    }

    /// Looked at by what a new blob would be: another file.
    @Test("No layer is compressed twice in the same way")
    func once() async throws {
        var setup = try Self.setup()
        setup.encoding = .zstd(level: 19)
        let first = try await setup.export().image
        setup.encoding = nil
        _ = try await setup.export()
        let files = {
            try first.manifest.layers.dropFirst().map { try ConfinedDirectory("/").status(setup.root.store.path(of: $0.digest))?.inode }
        }
        let before = try files()
        setup.encoding = .zstd(level: 19)
        #expect(try await setup.export().image.digest == first.digest)
        #expect(try files() == before)
        // A memory that is wrong is none.
        for layer in first.layers.dropFirst() {
            let path = setup.root.store.path + "/encodings/zstd-19/" + layer.diffID.digest.hex
            try ConfinedDirectory("/").write(path, Array("{}".utf8), mode: 0o600)
        }
        #expect(try await setup.export().image.digest == first.digest)
        #expect(try files() != before)
    }

    @Test("A cached layer keeps the blob that it has")
    func cached() async throws {
        var setup = try ExportPhaseTests.Setup()
        try setup.add("kit/a@1", layer: "l", "cache")
        let old = try await CachePhaseTests.run(setup)
        setup.encoding = .zstd(level: 3)
        let new = try await CachePhaseTests.run(setup, replacing: old)
        #expect(new == old)
        try setup.root.write("/layers/kit_a/l/f", "changed")
        let facts = try #require(try await CachePhaseTests.run(setup, replacing: old).blobs.values.first)
        #expect(facts.encoding == .zstd(level: 3))
    }

    @Test("What the store remembers of a blob goes with the blob")
    func forgotten() async throws {
        let setup = try Self.setup()
        let store = setup.root.store
        let facts = try #require(try await setup.export().buildpackLayers["kit/a:l"])
        #expect(store.blob(of: facts.diffID, .standard) == facts && store.anyBlob(of: facts.diffID) == facts)
        #expect(store.blob(of: facts.diffID, .zstd(level: 3)) == nil)
        _ = try store.removeUnreachable()
        #expect(store.anyBlob(of: facts.diffID) == nil)
        #expect(try ConfinedDirectory(store.path + "/encodings/gzip-1").names("").isEmpty)
    }
}
