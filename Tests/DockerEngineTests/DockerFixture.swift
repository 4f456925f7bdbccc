import Archive
import Diagnostics
import FoundationEssentials
import NIOCore
import NIOHTTP1
import OCIImage
import Synchronization
import TestSupport

@testable import DockerEngine

/// A scratch folder with a store, a memory, and the events of clients.
final class DockerFixture: Sendable {
    let scratch: ScratchDirectory
    let store: ImageStore
    let memory: RemoteRecords
    private let log = Log()

    private final class Log: Sendable { let events = Mutex<[DockerEvent]>([]) }

    init() throws {
        scratch = try ScratchDirectory()
        store = try ImageStore(at: scratch.path("store"))
        memory = try RemoteRecords(at: scratch.path("memory"))
    }

    var events: [DockerEvent] { log.events.withLock { $0 } }

    /// Files of the store that are neither blobs nor part of an empty one.
    var leftovers: [String] { (try? FileManager.default.contentsOfDirectory(atPath: store.path + "/ingest")) ?? [] }

    var configuration: DockerConfiguration {
        DockerConfiguration(
            probeLimit: .seconds(20), answerLimit: .seconds(20), silenceLimit: .seconds(60),
            onEvent: { [log] event in log.events.withLock { $0.append(event) } })
    }

    /// A client of the daemon at that socket, for as long as `body` runs.
    func client<Value>(at path: String, _ configuration: DockerConfiguration? = nil, _ body: (DockerClient) async throws -> Value)
        async throws -> Value
    {
        let client = try await DockerClient.connect(
            to: DockerHost(.socket(path), origin: .variable("DOCKER_HOST")), configuration ?? self.configuration)
        do {
            let value = try await body(client)
            await client.shutdown()
            return value
        } catch {
            await client.shutdown()
            throw error
        }
    }
}

/// Answers of a daemon that keeps what it is sent, as far as these tests look.
final class ScriptedDaemon: Sendable {
    struct State: Sendable {
        /// Config digest and diffIDs by name and by id.
        var images: [String: Image] = [:]
        /// The answers to the next loads, before it behaves again.
        var loads: [ScriptedServer.Answer] = []
        /// What is found under a name instead of what was loaded.
        var impostor: Image?
        var archive = ScriptedServer.Answer()
        var reportsManifestDigests = false
    }

    let state: Mutex<State>
    private let headers: [(String, String)]
    private let info: String

    init(_ state: State = State(), server: [(String, String)] = ScriptedDaemon.docker, info: String = ScriptedDaemon.classic) {
        self.state = Mutex(state)
        headers = server
        self.info = info
    }

    static let docker = [("Api-Version", "1.41"), ("Server", "Docker/20.10.24 (linux)")]
    static let podman = [("Api-Version", "1.41"), ("Libpod-API-Version", "4.3.1"), ("Server", "Libpod/4.3.1 (linux)")]
    static let classic =
        #"{"ServerVersion":"20.10.24","OSType":"linux","Architecture":"x86_64","Driver":"overlay2","DriverStatus":[["Supports d_type","true"]]}"#
    static let containerd =
        #"{"ServerVersion":"28.0.1","OSType":"linux","Architecture":"aarch64","Driver":"overlayfs","DriverStatus":[["driver-type","io.containerd.snapshotter.v1"]],"SecurityOptions":["name=seccomp,profile=builtin","name=rootless"]}"#

    func answer(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        if request.uri == "/_ping" { return .text(.ok, "OK", headers: headers) }
        guard request.uri.hasPrefix("/v1.41/") else { return .text(.badRequest, #"{"message":"no version in the path"}"#) }
        let path = request.uri.dropFirst("/v1.41".count).prefix { $0 != "?" }
        if path == "/info" { return .text(.ok, info) }
        return state.withLock { state in
            if path == "/images/load" { return load(request.body, &state) }
            if path == "/images/json" {
                let ids = Set(state.images.values.map(\.manifest.config.digest))
                return .text(
                    .ok, "[" + ids.map { #"{"Id":"\#($0)","RepoTags":["<none>:<none>"],"Created":1}"# }.joined(separator: ",") + "]")
            }
            if path.hasSuffix("/get") { return state.archive }
            let rest = path.dropFirst("/images/".count)
            let name = String(rest.prefix(upTo: rest.lastIndex(of: "/") ?? rest.endIndex))
            guard let image = state.impostor.flatMap({ name.hasPrefix("sha256:") ? nil : $0 }) ?? state.images[name] else {
                return .text(.notFound, #"{"message":"No such image: \#(name)"}"#)
            }
            if path.hasSuffix("/tag") {
                let query = request.uri.split(separator: "?").last ?? ""
                let values = query.split(separator: "&").map {
                    $0.drop { $0 != "=" }.dropFirst().replacing("%2F", with: "/").replacing("%3A", with: ":")
                }
                state.images["\(values[0]):\(values[1])"] = image
                return .text(.created)
            }
            let id = state.reportsManifestDigests ? image.digest : image.manifest.config.digest
            let layers = image.config.diffIDs.map { "\"\($0)\"" }.joined(separator: ",")
            return .text(
                .ok,
                #"{"Id":"\#(id)","RepoTags":["\#(name)"],"Os":"linux","Architecture":"amd64","Size":5,"Created":"1980-01-01T00:00:01Z","#
                    + #""Config":{"Hostname":"x","Env":["A=b"],"Labels":{"l":"v"}},"RootFS":{"Type":"layers","Layers":[\#(layers)]}}"#)
        }
    }

    /// As the daemon does it: the layers that are not there must be those of other images.
    private func load(_ body: [UInt8], _ state: inout State) -> ScriptedServer.Answer {
        if !state.loads.isEmpty { return state.loads.removeFirst() }
        do {
            let entries = try TarEntries(body)
            let manifest = try DockerArchiveEntry.decode(entries["manifest.json"] ?? [], what: "")[0]
            let config = try ImageConfig(decoding: entries[manifest.config] ?? [], what: "")
            for (diffID, name) in zip(config.diffIDs, manifest.layers) where name != "known.tar" && !name.hasPrefix("blobs/") {
                guard Digest.of(entries[name] ?? []) == diffID.digest else {
                    return .text(.ok, #"{"errorDetail":{"message":"invalid diffID"},"error":"invalid diffID for layer 0"}"# + "\n")
                }
            }
            let image = try Image(
                manifest: entries.files.first { $0.name.hasPrefix("blobs/") && DecodedManifest.isManifest($0.bytes) }?.bytes
                    ?? DecodedManifest.bytes(config: entries[manifest.config] ?? [], config.diffIDs),
                config: entries[manifest.config] ?? [], blobs: NoBlobs(), name: "loaded")
            for name in manifest.names { state.images[name] = image }
            state.images["\(image.manifest.config.digest)"] = image
            return .text(.ok, #"{"stream":"Loaded image: x\n"}"# + "\n")
        } catch {
            return .text(.ok, #"{"error":"\#(error)"}"# + "\n")
        }
    }
}

struct NoBlobs: BlobSource {
    func blob(_ descriptor: Descriptor) async throws -> String { throw TestSetupError("no blob is wanted here") }
}

enum DecodedManifest {
    static func isManifest(_ bytes: [UInt8]) -> Bool {
        (try? Manifest(decoding: bytes, declared: nil, what: "")) != nil
    }

    static func bytes(config: [UInt8], _ diffIDs: [DiffID]) throws -> [UInt8] {
        let layers = diffIDs.map { Descriptor(mediaType: .dockerLayer, digest: $0.digest, size: 1) }
        return try Manifest(mediaType: .dockerManifest, config: Descriptor(mediaType: .dockerConfig, bytes: config), layers: layers)
            .encoded()
    }
}

/// The files of a tar in memory.
struct TarEntries {
    private(set) var files: [(name: String, bytes: [UInt8])] = []

    init(_ files: [(name: String, bytes: [UInt8])] = []) { self.files = files }

    init(_ tar: [UInt8]) throws {
        let scratch = try ScratchDirectory()
        try Data(tar).write(to: URL(filePath: scratch.path("tar")))
        let file = try ReadableFile(scratch.path("tar"))
        let reader = try LayerReader(descriptor: file.descriptor)
        while let header = try reader.next() {
            var bytes: [UInt8] = []
            try reader.readContents { bytes += $0 }
            files.append((header.path.string, bytes))
        }
    }

    subscript(_ name: String) -> [UInt8]? { files.first { $0.name == name }?.bytes }

    func encoded() throws -> [UInt8] {
        var tar: [UInt8] = []
        for (name, bytes) in files {
            tar += try TarHeader(path: RawPath(name), kind: .file, mode: 0o644, size: Int64(bytes.count)).encoded() + bytes
            tar += [UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512)
        }
        return tar + [UInt8](repeating: 0, count: 1024)
    }
}

extension DockerArchive {
    /// All of it.
    func bytes() async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await buffer in DockerArchiveBody(archive: self, onProgress: { _ in }) { bytes += Array(buffer.readableBytesView) }
        return bytes
    }
}
