import Archive
import Diagnostics
import NIOHTTP1
import OCIImage
import TestSupport
import Testing

@testable import DockerEngine

@Suite struct SaveTests {
    private let fixture: DockerFixture
    /// Where the daemon's images are made.
    private let elsewhere: ImageStore
    private let app: Reference

    init() throws {
        fixture = try DockerFixture()
        elsewhere = try ImageStore(at: fixture.scratch.path("elsewhere"))
        app = try Reference(parsing: "app")
    }

    private func script(_ image: Image, _ archive: ScriptedServer.Answer, info: String = ScriptedDaemon.classic) -> ScriptedDaemon {
        var state = ScriptedDaemon.State(images: ["docker.io/library/app:latest": image])
        state.archive = archive
        state.reportsManifestDigests = info == ScriptedDaemon.containerd
        return ScriptedDaemon(state, info: info)
    }

    private func fetch(_ script: ScriptedDaemon) async throws -> (image: Image?, saves: Int) {
        let daemon = try await ScriptedServer(on: .socket(fixture.scratch.path("\(UInt32.random(in: 0 ... .max)).sock"))) {
            script.answer($0)
        }
        let image = try await fixture.client(at: daemon.path) {
            try await $0.image(app, store: fixture.store, memory: fixture.memory)
        }
        return (image, daemon.requests.count { $0.uri.hasSuffix("/get") })
    }

    private func check(_ found: Image?, is image: Image) async throws {
        let found = try #require(found)
        #expect(found.configBytes == image.configBytes)
        #expect(found.config.diffIDs == image.config.diffIDs)
        for layer in found.layers {
            #expect(fixture.store.contains(layer.descriptor))
            let file = try ReadableFile(try await found.blobs.blob(layer.descriptor))
            #expect(try LayerReader(descriptor: file.descriptor).finish() == layer.diffID)
        }
        #expect(fixture.leftovers.isEmpty)
    }

    enum Form: CaseIterable { case old, flat, layout }

    /// The archives that daemons make.
    private func archive(_ image: Image, _ form: Form) async throws -> TarEntries {
        let flat = try TarEntries(try await DockerArchive.docker(image, names: [app], leavingOut: 0).bytes())
        switch form {
        case .flat: return flat
        case .layout: return try TarEntries(try await DockerArchive.layout(image, names: [app]).bytes())
        case .old:
            var files = flat.files.filter { !$0.name.hasSuffix(".tar") }
            files.append(("VERSION", Array("1.0".utf8)))
            for (index, layer) in image.layers.enumerated() {
                let folder = String(repeating: "\(index)", count: 64)
                files.append(("\(folder)/json", Array("{}".utf8)))
                files.append(("\(folder)/layer.tar", flat["\(layer.diffID.digest.hex).tar"] ?? []))
            }
            return TarEntries(files)
        }
    }

    @Test(arguments: Form.allCases)
    func readsEveryForm(_ form: Form) async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 3, size: 200_000)
        let answer = ScriptedServer.Answer(body: try await archive(image, form).encoded())
        let script = script(image, answer, info: form == .layout ? ScriptedDaemon.containerd : ScriptedDaemon.classic)
        let (found, saves) = try await fetch(script)
        #expect(saves == 1)
        try await check(found, is: image)
        #expect(
            found?.manifest.layers.map(\.mediaType.compression)
                == Array(repeating: form == .layout ? .gzip : LayerCompression.none, count: 3))
        // Nothing is fetched twice, and the same image comes out.
        let (again, moreSaves) = try await fetch(script)
        #expect(moreSaves == 0)
        #expect(again?.digest == found?.digest)
    }

    /// A newer daemon's archive of a classic store: an OCI layout with plain layers.
    @Test func readsLayoutOfClassicStore() async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 2)
        var files = try await archive(image, .flat).files.filter {
            !$0.name.hasSuffix(".tar") && !$0.name.hasPrefix(image.manifest.config.digest.hex)
        }
        files.append(("blobs/sha256/\(image.manifest.config.digest.hex)", image.configBytes))
        for file in try await archive(image, .flat).files where file.name.hasSuffix(".tar") {
            files.append(("blobs/sha256/" + file.name.dropLast(4), file.bytes))
        }
        let (found, _) = try await fetch(script(image, ScriptedServer.Answer(body: try TarEntries(files).encoded())))
        try await check(found, is: image)
    }

    @Test func missingImageIsNil() async throws {
        let (found, saves) = try await fetch(ScriptedDaemon())
        #expect(found == nil)
        #expect(saves == 0)
    }

    @Test func fetchesOnlyWhatIsNew() async throws {
        let base = try RandomImage.make(in: elsewhere, layers: 2)
        _ = try await fetch(script(base, ScriptedServer.Answer(body: try await archive(base, .old).encoded())))
        let image = try base.appending([NewLayer(try RandomImage.layer(in: elsewhere, name: "top", size: 10), history: History())])
        // The base's layers are not even in the archive.
        let top = try #require(image.config.diffIDs.last).digest.hex
        let files = try await archive(image, .flat).files.filter { !$0.name.hasSuffix(".tar") || $0.name == "\(top).tar" }
        let (found, saves) = try await fetch(script(image, ScriptedServer.Answer(body: try TarEntries(files).encoded())))
        #expect(saves == 1)
        try await check(found, is: image)
    }

    @Test func lostBlobsAreFetchedAgain() async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 2)
        let script = script(image, ScriptedServer.Answer(body: try await archive(image, .old).encoded()))
        _ = try await fetch(script)
        try DamagedFile.write([1, 2, 3], to: fixture.store.path(of: image.config.diffIDs[0].digest))
        let (found, saves) = try await fetch(script)
        #expect(saves == 1)
        try await check(found, is: image)
    }

    @Test func damagedLayerIsNotKept() async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 2)
        var files = try await archive(image, .old).files
        let index = try #require(files.firstIndex { $0.name.hasSuffix("layer.tar") })
        files[index].bytes[600] ^= 1
        let answer = ScriptedServer.Answer(body: try TarEntries(files).encoded())
        let error = try await #require(throws: DockerError.self) { try await fetch(script(image, answer)) }
        #expect(error.message.contains("it lacks the layer \(image.config.diffIDs[0])"))
        #expect(!fixture.store.contains(image.config.diffIDs[0].digest))
        #expect(fixture.leftovers.isEmpty)
    }

    @Test func blobMustHaveItsDigest() async throws {
        let image = try RandomImage.make(in: elsewhere)
        var files = try await archive(image, .layout).files
        let index = try #require(files.firstIndex { $0.name.hasSuffix(image.manifest.layers[0].digest.hex) })
        let other = try RandomImage.layer(in: elsewhere, name: "other", size: 5)
        files[index].bytes = try #require(try LocalFile.read(elsewhere.path(of: other.digest)))
        let answer = ScriptedServer.Answer(body: try TarEntries(files).encoded())
        let error = try await #require(throws: Fault.self) { try await fetch(script(image, answer, info: ScriptedDaemon.containerd)) }
        #expect(error.message.contains("has other content"), "\(error.message)")
    }

    @Test func configMustBeTheOne() async throws {
        let image = try RandomImage.make(in: elsewhere), other = try RandomImage.make(in: elsewhere)
        let answer = ScriptedServer.Answer(body: try await archive(other, .old).encoded())
        let error = try await #require(throws: DockerError.self) { try await fetch(script(image, answer)) }
        #expect(error.message.contains("it has no config \(image.manifest.config.digest)"), "\(error.message)")
    }

    @Test(arguments: [0, 3000, 100_000])
    func brokenOff(after count: Int) async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 1, size: 200_000)
        let bytes = try await archive(image, .old).encoded()
        let error = try await #require(throws: DockerError.self) {
            try await fetch(script(image, ScriptedServer.Answer(body: Array(bytes.prefix(count)), cuts: true)))
        }
        #expect(error.kind == .interrupted)
        #expect(error.message.contains("GET /v1.41/images/\(image.manifest.config.digest)/get at unix://"), "\(error.message)")
        #expect(fixture.leftovers.isEmpty)
    }

    @Test(arguments: [0, 1000, 3000, 100_000])
    func endsEarly(after count: Int) async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 1, size: 200_000)
        let bytes = try await archive(image, .old).encoded()
        let error = try await #require(throws: (any Error).self) {
            try await fetch(script(image, ScriptedServer.Answer(body: Array(bytes.prefix(count)))))
        }
        #expect((error as? any Diagnosable)?.message.contains("the archive that the daemon at") == true)
        #expect(fixture.leftovers.isEmpty)
    }

    @Test func daemonRefuses() async throws {
        let image = try RandomImage.make(in: elsewhere)
        let error = try await #require(throws: DockerError.self) {
            try await fetch(script(image, .text(.internalServerError, #"{"message":"layer does not exist"}"#)))
        }
        #expect(error.message.hasSuffix("500 Internal Server Error: layer does not exist"))
    }

    @Test func cancellationStops() async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 1, size: 2 << 20)
        let bytes = try await archive(image, .old).encoded()
        let script = script(image, ScriptedServer.Answer(body: Array(bytes.prefix(1 << 20)), stalls: true))
        let daemon = try await ScriptedServer(on: .socket(fixture.scratch.path("d.sock"))) { script.answer($0) }
        try await fixture.client(at: daemon.path) { client in
            let task = Task { try await client.image(app, store: fixture.store, memory: fixture.memory) }
            while fixture.leftovers.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(5))
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test func inspectionTellsWhatTheDaemonTells() async throws {
        let image = try RandomImage.make(in: elsewhere, layers: 2)
        let script = script(image, ScriptedServer.Answer())
        let daemon = try await ScriptedServer(on: .socket(fixture.scratch.path("d.sock"))) { script.answer($0) }
        try await fixture.client(at: daemon.path) { client in
            let found = try #require(try await client.inspect(app))
            #expect(found.id == image.manifest.config.digest)
            #expect(found.diffIDs == image.config.diffIDs)
            #expect(found.config.settings.labels == ["l": "v"])
            #expect(found.config.settings.environment == ["A=b"])
            #expect(found.config.settings.other.isEmpty)
            #expect(found.config.platform == Platform(os: "linux", architecture: "amd64"))
            #expect(try await client.list().map(\.id) == [found.id])
            #expect(try await client.inspect(Reference(parsing: "other")) == nil)
        }
    }
}
