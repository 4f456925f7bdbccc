import Archive
import Diagnostics
import OCIImage
import TestSupport
import Testing

@Suite struct ImageTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func appending() throws {
        let store = try scratch.store()
        let base = try sampleImage(in: store, contents: ["base"])
        let facts = try sampleLayer("more", in: store)
        let image = try base.appending([NewLayer(facts, history: History(createdBy: "x"))])
        #expect(base.layers.count == 1)
        #expect(image.layers.map(\.diffID) == base.config.diffIDs + [facts.diffID])
        #expect(image.manifest.layers.last == Descriptor(mediaType: .ociLayerGzip, digest: facts.digest, size: facts.size))
        #expect(image.config.history.last?.createdBy == "x")
        #expect(image.digest == Digest.of(image.manifestBytes))
        #expect(image.manifest.config == Descriptor(mediaType: .ociConfig, bytes: image.configBytes))
        // What was written is an image again, the same one.
        let again = try Image(manifest: image.manifestBytes, config: image.configBytes, blobs: store, name: "x")
        #expect(again.config == image.config)
        #expect(again.manifest == image.manifest)
    }

    /// D-61: the run image's family decides the type of new layers, and its own layers keep theirs.
    @Test func familyIsKept() throws {
        let store = try scratch.store()
        let facts = try sampleLayer("a", in: store)
        let plain = LayerFacts(diffID: facts.diffID, digest: facts.diffID.digest, size: 10)
        let docker = try sampleImage(in: store, contents: [], family: .docker)
            .appending([NewLayer(facts, history: History(), mediaType: .dockerLayerZstd)])
            .appending([NewLayer(facts, history: History()), NewLayer(plain, history: History())])
        #expect(docker.manifest.layers.map(\.mediaType) == [.dockerLayerZstd, .dockerLayerGzip, .dockerLayer])
        #expect(docker.manifest.mediaType == .dockerManifest)
        #expect(docker.manifest.config.mediaType == .dockerConfig)
        let changed = try docker.with(config: docker.config)
        #expect(changed.manifestBytes == docker.manifestBytes)
    }

    @Test func historyThatDoesNotFit() throws {
        let store = try scratch.store()
        let base = try sampleImage(in: store)
        var config = base.config
        config.history = [History(createdBy: "only one")]
        let image = try base.with(config: config).appending([NewLayer(try sampleLayer("n", in: store), history: History(createdBy: "n"))])
        #expect(image.config.history.map(\.createdBy) == [nil, nil, "n"])
    }

    @Test func conversion() throws {
        let store = try scratch.store()
        let oci = try sampleImage(in: store).with(annotations: ["a": "b"])
        let docker = try oci.converted(to: .docker)
        #expect(docker.configBytes == oci.configBytes)
        #expect(docker.manifest.layers.map(\.digest) == oci.manifest.layers.map(\.digest))
        #expect(docker.manifest.layers.allSatisfy { $0.mediaType == .dockerLayerGzip })
        #expect(docker.manifest.annotations.isEmpty)
        #expect(try docker.converted(to: .oci).digest == oci.with(annotations: [:]).digest)
        #expect(try oci.converted(to: .oci).digest == oci.digest)
        #expect(throws: Fault.self) { try docker.with(annotations: ["a": "b"]) }
        let zstd = try oci.appending([NewLayer(try sampleLayer("z", in: store), history: History(), mediaType: .ociLayerZstd)])
        #expect(throws: Fault.self) { try zstd.converted(to: .docker) }
    }

    @Test func equalBytes() throws {
        let one = try sampleImage(in: scratch.store("one")), two = try sampleImage(in: scratch.store("two"))
        #expect(one.digest == two.digest)
        #expect(one.configBytes == two.configBytes)
    }

    @Test func contradictions() throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store)
        #expect(throws: Fault.self) { try Image(manifest: image.manifestBytes, config: Array("{}".utf8), blobs: store, name: "x") }
        var config = image.config
        config.diffIDs.removeLast()
        #expect(throws: Fault.self) { try image.with(config: config) }
        let bytes = try config.encoded()
        var manifest = image.manifest
        manifest.config = Descriptor(mediaType: .ociConfig, bytes: bytes)
        let fault = try #require(throws: Fault.self) { try Image(manifest: try manifest.encoded(), config: bytes, blobs: store, name: "x") }
        #expect(fault.message == "'x' contradicts itself: 2 layers in the manifest, 1 in the config")
        #expect(throws: Fault.self) {
            try Image(manifest: image.manifestBytes, declared: .dockerManifest, config: image.configBytes, blobs: store, name: "x")
        }
        manifest = image.manifest
        manifest.layers[0].mediaType = MediaType("text/plain")
        #expect(throws: Fault.self) { try Image(manifest: try manifest.encoded(), config: image.configBytes, blobs: store, name: "x") }
    }
}
