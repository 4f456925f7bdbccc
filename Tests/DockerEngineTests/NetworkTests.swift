import Diagnostics
import NIOHTTP1
import NIOSSL
import TestSupport
import Testing

@testable import DockerEngine

/// Daemons on the network.
@Suite struct NetworkTests {
    private let fixture: DockerFixture
    private let script = ScriptedDaemon()

    init() throws { fixture = try DockerFixture() }

    private func connect(_ text: String, _ tls: DockerTLS? = nil) async throws {
        let host = try DockerHost(parsing: text, tls: tls, origin: .variable("DOCKER_HOST"))
        let client = try await DockerClient.connect(to: host, fixture.configuration)
        await client.shutdown()
    }

    @Test func plain() async throws {
        let daemon = try await ScriptedServer { [script] in script.answer($0) }
        try await connect("tcp://127.0.0.1:\(daemon.port)")
        #expect(daemon.requests.map { $0.headers.first(name: "Host") } == ["127.0.0.1:\(daemon.port)", "127.0.0.1:\(daemon.port)"])
    }

    /// Below another server's folder.
    @Test func withPath() async throws {
        let daemon = try await ScriptedServer { [script] request in
            var request = request
            guard request.uri.hasPrefix("/docker/") else { return .text(.notFound) }
            request.uri.removeFirst("/docker".count)
            return script.answer(request)
        }
        try await connect("tcp://127.0.0.1:\(daemon.port)/docker")
    }

    @Test(.enabled(if: Peer.isThere("openssl"), "openssl is not installed"))
    func certificatesOnBothSides() async throws {
        let key = fixture.scratch.path("key.pem"), certificate = fixture.scratch.path("cert.pem")
        let made = try await Program([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
            certificate, "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
        ]).run()
        try #require(made.succeeded, "\(made)")
        let chain = try NIOSSLCertificate.fromPEMFile(certificate)
        var settings = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        settings.trustRoots = .certificates(chain)
        settings.certificateVerification = .noHostnameVerification
        let daemon = try await ScriptedServer(tls: try NIOSSLContext(configuration: settings)) { [script] in script.answer($0) }
        let address = "tcp://localhost:\(daemon.port)"

        try await connect(address, DockerTLS(authority: certificate, certificate: certificate, key: key))
        try await connect(address, DockerTLS(certificate: certificate, key: key, verifiesDaemon: false))
        func refused(_ text: String, _ tls: DockerTLS?) async throws -> DockerError {
            try await #require(throws: DockerError.self) { try await connect(text, tls) }
        }
        #expect(try await refused(address, DockerTLS(certificate: certificate, key: key)).kind == .untrusted)
        #expect(
            try await refused("tcp://127.0.0.1:\(daemon.port)", DockerTLS(authority: certificate, certificate: certificate, key: key)).kind
                == .untrusted)
        // Without a certificate of one's own, and without TLS at all.
        _ = try await refused(address, DockerTLS(authority: certificate))
        _ = try await refused(address, nil)
        #expect(daemon.requests.count == 4)
    }

    @Test func unknownName() async throws {
        let error = try await #require(throws: DockerError.self) { try await connect("tcp://daemon.invalid") }
        #expect(error.kind == .unreachable)
        #expect(error.message.contains("GET /_ping at tcp://daemon.invalid:2375: cannot connect: "), "\(error.message)")
    }
}
