import Archive
import FoundationEssentials
import NIOHTTP1
import OCIImage
import OCIRegistry
import Synchronization
import TestSupport

/// A store, a client that retries quickly, and the events it reported.
final class Fixture: Sendable {
    let scratch: ScratchDirectory
    let store: ImageStore
    let client: RegistryClient
    private let recorder = Recorder()

    private final class Recorder: Sendable {
        let events = Mutex<[RegistryEvent]>([])
    }

    init(
        insecureHosts: Set<String> = [], mirrors: [String: String] = [:], certificateAuthorities: String? = nil,
        credentials: CredentialStore = CredentialStore(), proxies: ProxySettings = ProxySettings(), silenceLimit: Duration = .seconds(30),
        commitLimit: Duration = .seconds(300)
    ) throws {
        scratch = try ScratchDirectory()
        store = try ImageStore(at: scratch.path("store"))
        let recorder = recorder
        client = try RegistryClient(
            RegistryConfiguration(
                certificateAuthorities: certificateAuthorities, insecureHosts: insecureHosts, mirrors: mirrors,
                credentials: credentials, proxies: proxies, silenceLimit: silenceLimit,
                commitLimit: commitLimit,
                retryDelays: [.milliseconds(1), .milliseconds(1)], onEvent: { event in recorder.events.withLock { $0.append(event) } }))
    }

    /// Runs a test and shuts the client down after it.
    func use<Value>(_ body: (Fixture) async throws -> Value) async throws -> Value {
        do {
            let value = try await body(self)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }

    var events: [RegistryEvent] { recorder.events.withLock { $0 } }

    /// Files that are neither blobs nor part of an empty store.
    var leftovers: [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: "\(store.path)/ingest")) ?? []
    }
}

/// The documents of an image, and answers that serve it as a registry does.
struct ServedImage: Sendable {
    var layer: [UInt8]
    var config: [UInt8]
    var manifest: [UInt8]

    init(layerSize: Int = 5000) throws {
        layer = RandomImage.bytes(layerSize)
        var value = ImageConfig(platform: Platform(os: "linux", architecture: "amd64"))
        value.diffIDs = [DiffID(Digest.of(layer))]
        config = try value.encoded()
        manifest = try Manifest(
            mediaType: .ociManifest, config: Descriptor(mediaType: .ociConfig, bytes: config),
            layers: [Descriptor(mediaType: .ociLayer, bytes: layer)]
        ).encoded()
    }

    var layerDescriptor: Descriptor { Descriptor(mediaType: .ociLayer, bytes: layer) }
    var manifestDescriptor: Descriptor { Descriptor(mediaType: .ociManifest, bytes: manifest) }

    /// What an honest registry says; nil for anything else than this image.
    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer? {
        for (bytes, kind) in [(layer, "blobs"), (config, "blobs")] where request.uri.hasSuffix("/\(kind)/\(Digest.of(bytes))") {
            return ScriptedServer.Answer(body: bytes)
        }
        guard request.uri.contains("/manifests/") else { return nil }
        let isOwn = request.uri.hasSuffix("/latest") || request.uri.hasSuffix("\(Digest.of(manifest))")
        return isOwn ? Self.document(manifest, .ociManifest, request) : nil
    }

    static func document(_ bytes: [UInt8], _ type: MediaType, _ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        ScriptedServer.Answer(
            headers: [("Content-Type", type.rawValue), ("Docker-Content-Digest", "\(Digest.of(bytes))")],
            body: request.method == .HEAD ? [] : bytes,
            announcedSize: bytes.count)
    }
}

func reference(_ text: String) throws -> Reference { try Reference(parsing: text) }

let linux = Platform(os: "linux", architecture: "amd64")
