import Diagnostics
import Glibc
import NIOHTTP1
import OCIImage
import TestSupport
import Testing

@testable import DockerEngine

@Suite struct ProbeTests {
    private let fixture: DockerFixture
    private var socket: String { fixture.scratch.path("d.sock") }

    init() throws { fixture = try DockerFixture() }

    @Test(arguments: [
        (ScriptedDaemon.docker, ScriptedDaemon.classic, DockerDaemon.Product.docker, DockerDaemon.ImageStore.classic, false, "amd64"),
        (ScriptedDaemon.docker, ScriptedDaemon.containerd, .docker, .containerd, true, "arm64"),
        (
            ScriptedDaemon.podman, #"{"ServerVersion":"4.3.1","OSType":"linux","Architecture":"amd64","Rootless":true}"#, .podman, .podman,
            true, "amd64"
        ),
    ])
    func whoIsThere(
        _ headers: [(String, String)], _ info: String, _ product: DockerDaemon.Product, _ store: DockerDaemon.ImageStore, _ rootless: Bool,
        _ architecture: String
    ) async throws {
        let script = ScriptedDaemon(server: headers, info: info)
        let daemon = try await ScriptedServer(on: .socket(socket)) { script.answer($0) }
        try await fixture.client(at: socket) { client in
            #expect(client.daemon.product == product)
            #expect(client.daemon.imageStore == store)
            #expect(client.daemon.isRootless == rootless)
            #expect(client.daemon.apiVersion == DockerAPIVersion(major: 1, minor: 41))
            #expect(client.daemon.platform == Platform(os: "linux", architecture: architecture))
            try await client.ping()
        }
        #expect(daemon.requests.map(\.uri) == ["/_ping", "/v1.41/info", "/_ping"])
        #expect(daemon.requests.allSatisfy { $0.headers.first(name: "Host") == "docker" })
    }

    @Test(arguments: [
        ([("Api-Version", "1.23")], "{}", DockerError.Kind.unsupported, "its API version is 1.23, tote needs 1.24"),
        ([], "{}", .malformed, "not as a Docker or Podman daemon does"),
        ([("Api-Version", "new")], "{}", .malformed, "not as a Docker or Podman daemon does"),
        ([("Api-Version", "1.41")], #"{"OSType":"windows"}"#, .unsupported, "runs containers of windows"),
        ([("Api-Version", "1.41")], "<html>", .malformed, "GET /v1.41/info at unix://"),
        ([("Api-Version", "1.41")], #"{"DriverStatus":7}"#, .malformed, "'DriverStatus' has the wrong type"),
    ])
    func refuses(_ headers: [(String, String)], _ info: String, _ kind: DockerError.Kind, _ reason: String) async throws {
        let daemon = try await ScriptedServer(on: .socket(socket)) {
            $0.uri == "/_ping" ? .text(.ok, "OK", headers: headers) : .text(.ok, info)
        }
        let error = try await #require(throws: DockerError.self) { try await fixture.client(at: daemon.path) { _ in } }
        #expect(error.kind == kind)
        #expect(error.message.contains(reason), "\(error.message)")
    }

    @Test func showsTheDaemonsOwnWords() async throws {
        let daemon = try await ScriptedServer(on: .socket(socket)) { _ in
            .text(.internalServerError, #"{"message":"out of \#u{1b}[31m order"}"#)
        }
        let error = try await #require(throws: DockerError.self) { try await fixture.client(at: daemon.path) { _ in } }
        #expect(error.message == "GET /_ping at unix://\(socket): 500 Internal Server Error: \(#"{"message":"out of  [31m order"}"#)")
        #expect(error.status == 500)
    }

    @Test func silenceEndsQuickly() async throws {
        let daemon = try await ScriptedServer(on: .socket(socket)) { _ in ScriptedServer.Answer(isSilent: true) }
        let start = ContinuousClock.now
        let error = try await #require(throws: DockerError.self) {
            // The limit holds for connecting as well, which takes its time on a busy machine: silence must be what uses it up.
            try await fixture.client(at: daemon.path, DockerConfiguration(probeLimit: .seconds(5))) { _ in }
        }
        #expect(error.kind == .timedOut)
        #expect(ContinuousClock.now - start < .seconds(40))
    }

    @Test func nobodyThere() async throws {
        let error = try await #require(throws: DockerError.self) { try await fixture.client(at: socket) { _ in } }
        #expect(error.kind == .unreachable)
        #expect(error.message == "GET /_ping at unix://\(socket): cannot connect: No such file or directory")
    }

    @Test func usualPlacesMayBeDead() async throws {
        let dead = fixture.scratch.path("dead.sock")
        try StaleSocket.leave(at: dead)
        let script = ScriptedDaemon()
        let daemon = try await ScriptedServer(on: .socket(socket)) { script.answer($0) }
        let hosts = [DockerHost(.socket(dead), origin: .usual), DockerHost(.socket(daemon.path), origin: .usual)]
        let (client, refusals) = try await DockerClient.find(among: hosts, fixture.configuration)
        #expect(client?.host == hosts[1])
        #expect((refusals.first as? DockerError)?.message == "GET /_ping at unix://\(dead): cannot connect: Connection refused")
        await client?.shutdown()
        // One that the user named must answer.
        await #expect(throws: DockerError.self) { try await DockerClient.find(["DOCKER_HOST": "unix://\(dead)"], fixture.configuration) }
        await #expect(throws: DockerError.self) { try await DockerClient.require(["DOCKER_HOST": "unix://\(dead)"], fixture.configuration) }
    }

    @Test(arguments: [
        ("1.24", true), ("1.99", true), ("2.0", true), ("1.9", false), ("1", false), ("1.x", false), ("-1.30", false), ("1.2.3", false),
    ])
    func versions(_ text: String, isNewEnough: Bool) {
        #expect(DockerAPIVersion(text).map { $0 >= .oldest } ?? false == isNewEnough)
    }
}

private enum StaleSocket {
    /// A socket file whose owner is gone.
    static func leave(at path: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let status = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        guard status == 0 else { throw TestSetupError("no socket at '\(path)'") }
    }
}
