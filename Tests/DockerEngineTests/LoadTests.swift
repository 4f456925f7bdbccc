import Archive
import Diagnostics
import NIOHTTP1
import OCIImage
import Synchronization
import TestSupport
import Testing

@testable import DockerEngine

@Suite struct LoadTests {
    private let fixture: DockerFixture
    private let app: Reference

    init() throws {
        fixture = try DockerFixture()
        app = try Reference(parsing: "app")
    }

    private func load(_ image: Image, _ script: ScriptedDaemon, relatives: [Reference] = []) async throws -> (DockerLoad, [TarEntries]) {
        let daemon = try await ScriptedServer(on: .socket(fixture.scratch.path("d.sock"))) { script.answer($0) }
        let load = try await fixture.client(at: daemon.path) { try await $0.load(image, as: [app], relatives: relatives) }
        let loads = daemon.requests.filter { $0.method == .POST && $0.uri.contains("/images/load") }
        #expect(load.bytesSent == loads.reduce(0) { $0 + Int64($1.body.count) })
        return (load, try loads.map { try TarEntries($0.body) })
    }

    /// The image and the one below it, whose layers the daemon has.
    private func imageOnBase() throws -> (base: Image, image: Image) {
        let base = try RandomImage.make(in: fixture.store, layers: 2)
        let new = try RandomImage.layer(in: fixture.store, name: "new", size: 100_000)
        return (base, try base.appending([NewLayer(new, history: History())]))
    }

    private func daemon(having base: Image, named name: String = "docker.io/library/base:latest") -> ScriptedDaemon.State {
        ScriptedDaemon.State(images: [name: base, "\(base.manifest.config.digest)": base])
    }

    @Test(arguments: [MediaType.Family.oci, .docker])
    func everything(_ family: MediaType.Family) async throws {
        let image = try RandomImage.make(in: fixture.store, layers: 3, size: 70_000, family: family)
        let (load, archives) = try await load(image, ScriptedDaemon())
        #expect(load.id == image.manifest.config.digest)
        #expect(load.layersKept == 0)
        let archive = try #require(archives.first)
        #expect(archives.count == 1)
        #expect(archive["\(load.id.hex).json"] == image.configBytes)
        for layer in image.layers {
            #expect(archive["\(layer.diffID.digest.hex).tar"].map(Digest.of) == layer.diffID.digest)
        }
        #expect(fixture.events.contains(.sent(bytes: load.bytesSent, layersKept: 0)))
        #expect(fixture.events.contains(.sending(load.bytesSent, of: load.bytesSent)))
    }

    @Test func sameLayerTwiceIsSentOnce() async throws {
        let layer = NewLayer(try RandomImage.layer(in: fixture.store, name: "x", size: 50), history: History())
        let image = try Image(config: ImageConfig(platform: .host), blobs: fixture.store).appending([layer, layer])
        let (_, archives) = try await load(image, ScriptedDaemon())
        #expect(archives[0].files.count == 3)
    }

    @Test(arguments: [true, false])
    func leavesOutWhatTheDaemonHas(isNamed: Bool) async throws {
        let (base, image) = try imageOnBase()
        // The daemon's list has it in any case.
        let relatives = isNamed ? [try Reference(parsing: "base")] : []
        let (load, archives) = try await load(image, ScriptedDaemon(daemon(having: base)), relatives: relatives)
        #expect(load.layersKept == 2)
        #expect(archives.count == 1)
        #expect(archives[0]["known.tar"] == [])
        #expect(
            archives[0].files.map(\.name).sorted()
                == ["known.tar", "manifest.json", "\(load.id.hex).json", "\(image.config.diffIDs[2].digest.hex).tar"].sorted())
    }

    /// What is left out is not even fetched.
    @Test func leftOutLayersNeedNotBeAtHand() async throws {
        let (base, image) = try imageOnBase()
        let away = try image.with(blobs: OnlyTop(image: image, store: fixture.store))
        let (load, _) = try await load(away, ScriptedDaemon(daemon(having: base)))
        #expect(load.layersKept == 2)
    }

    private struct OnlyTop: BlobSource {
        let image: Image
        let store: ImageStore
        func blob(_ descriptor: Descriptor) async throws -> String {
            guard descriptor == image.manifest.layers.last else { throw TestSetupError("\(descriptor.digest) was asked for") }
            return try await store.blob(descriptor)
        }
    }

    @Test func imageThatIsThereGetsItsNameOnly() async throws {
        let image = try RandomImage.make(in: fixture.store)
        let script = ScriptedDaemon(daemon(having: image))
        let (load, archives) = try await load(image, script)
        #expect(load == DockerLoad(id: image.manifest.config.digest, bytesSent: 0, layersKept: 1))
        #expect(archives.isEmpty)
        #expect(script.state.withLock { $0.images["docker.io/library/app:latest"]?.digest } == image.digest)
    }

    @Test(arguments: [
        ScriptedServer.Answer.text(
            .ok, #"{"stream":"x"}"# + "\n" + #"{"errorDetail":{"message":"m"},"error":"invalid diffID for layer 1"}"#),
        .text(.internalServerError, #"{"message":"disk"}"#), ScriptedServer.Answer(cuts: true),
    ])
    func sendsEverythingWhenPartIsRefused(_ refusal: ScriptedServer.Answer) async throws {
        let (base, image) = try imageOnBase()
        var state = daemon(having: base)
        state.loads = [refusal]
        let (load, archives) = try await load(image, ScriptedDaemon(state))
        #expect(load.layersKept == 0)
        #expect(archives.count == 2)
        #expect(archives[1].files.count == 5)
        #expect(fixture.events.contains { if case .sendingEverything = $0 { true } else { false } })
    }

    @Test func wrongImageIsAnError() async throws {
        let (base, image) = try imageOnBase()
        var state = daemon(having: base)
        state.impostor = base
        let error = try await #require(throws: DockerError.self) { _ = try await load(image, ScriptedDaemon(state)) }
        #expect(error.kind == .corrupted)
        #expect(
            error.message.contains(
                "made another image of 'app:latest': \(base.manifest.config.digest), not \(image.manifest.config.digest)"))
        #expect(fixture.events.contains { if case .sendingEverything = $0 { true } else { false } })
    }

    @Test(arguments: [
        (
            ScriptedServer.Answer.text(.ok, #"{"errorDetail":{"message":"no space"},"error":"no space left on device"}"# + "\n"),
            "the daemon refused the image: no space left on device"
        ),
        (.text(.ok, #"{"errorDetail":{"message":"no space"}}"#), "the daemon refused the image: no space"),
        (.text(.internalServerError, #"{"message":"broken"}"#), "500 Internal Server Error: broken"),
        (ScriptedServer.Answer(body: Array("{}\n".utf8), cuts: true), "the connection ended before the answer was complete"),
    ])
    func refusal(_ answer: ScriptedServer.Answer, _ reason: String) async throws {
        let image = try RandomImage.make(in: fixture.store)
        let error = try await #require(throws: DockerError.self) {
            _ = try await load(image, ScriptedDaemon(ScriptedDaemon.State(loads: [answer])))
        }
        #expect(error.message.contains("POST /v1.41/images/load?quiet=1 at unix://"), "\(error.message)")
        #expect(error.message.contains(reason), "\(error.message)")
    }

    @Test func containerdGetsALayout() async throws {
        let (base, image) = try imageOnBase()
        var state = daemon(having: base)
        state.reportsManifestDigests = true
        let (load, archives) = try await load(image, ScriptedDaemon(state, info: ScriptedDaemon.containerd))
        #expect(load.id == image.digest)
        #expect(load.layersKept == 0)
        let archive = try #require(archives.first)
        let index = try Index(decoding: try #require(archive["index.json"]), what: "index.json")
        #expect(index.manifests.map(\.digest) == [image.digest])
        #expect(index.manifests[0].annotations["io.containerd.image.name"] == "docker.io/library/app:latest")
        for descriptor in image.manifest.blobs + [image.descriptor] {
            #expect(archive["blobs/sha256/\(descriptor.digest.hex)"].map(Digest.of) == descriptor.digest)
        }
    }

    @Test func podmanGetsEverything() async throws {
        let (base, image) = try imageOnBase()
        let script = ScriptedDaemon(daemon(having: base), server: ScriptedDaemon.podman, info: ScriptedDaemon.classic)
        let (load, archives) = try await load(image, script)
        #expect(load.layersKept == 0)
        #expect(archives[0].files.count == 5)
        #expect(archives[0]["known.tar"] == nil)
    }

    @Test func cancellationStops() async throws {
        let image = try RandomImage.make(in: fixture.store)
        let script = ScriptedDaemon(ScriptedDaemon.State(loads: [ScriptedServer.Answer(isSilent: true)]))
        let daemon = try await ScriptedServer(on: .socket(fixture.scratch.path("d.sock"))) { script.answer($0) }
        try await fixture.client(at: daemon.path) { client in
            let task = Task { try await client.load(image, as: [app]) }
            while !daemon.requests.contains(where: { $0.method == .POST }) { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(5))
        }
    }

    @Test func damagedLayerIsAnErrorBeforeAnythingIsSent() async throws {
        let image = try RandomImage.make(in: fixture.store, size: 50_000)
        let path = fixture.store.path(of: image.manifest.layers[0].digest)
        let bytes = try #require(try LocalFile.read(path))
        try fixture.scratch.write("", to: "empty")
        let blobs = OneFile(path: fixture.scratch.path("cut"))
        try DamagedFile.write(Array(bytes.prefix(bytes.count / 2)), to: blobs.path)
        await #expect(throws: Fault.self) { _ = try await load(try image.with(blobs: blobs), ScriptedDaemon()) }
    }

    private struct OneFile: BlobSource {
        let path: String
        func blob(_ descriptor: Descriptor) async throws -> String { path }
    }

    @Test func nameMustHaveATag() async throws {
        let image = try RandomImage.make(in: fixture.store)
        let script = ScriptedDaemon()
        let daemon = try await ScriptedServer(on: .socket(fixture.scratch.path("d.sock"))) { script.answer($0) }
        try await fixture.client(at: daemon.path) { client in
            _ = await #expect(throws: Fault.self) { try await client.load(image, as: [app.with(digest: image.digest)]) }
        }
        #expect(!daemon.requests.contains { $0.method == .POST })
    }

    @Test func answersComeInPieces() {
        var answer = LoadAnswer()
        for byte in #"{"stream":"a"}"#.utf8 { answer.append([byte]) }
        answer.append("\nnonsense\n{\"error\":".utf8)
        #expect(answer.failure == nil)
        answer.append("\"bad\"}\n{\"error\":\"later\"}".utf8)
        #expect(answer.failure == "bad")
        answer.finish()
        #expect(answer.failure == "bad")
    }
}
