import Glibc
import NIOHTTP1
import NIOSSL
import OCIImage
import OCIRegistry
import TestSupport
import Testing

@Suite(.enabled(if: Peer.isThere("openssl"), "openssl is not installed"))
struct TLSTests {
    /// A certificate for `localhost` and the server side of it.
    private func certificate(in scratch: ScratchDirectory) async throws -> (file: String, context: NIOSSLContext) {
        let openssl = try #require(Peer.path(of: "openssl"))
        let key = scratch.path("key.pem"), file = scratch.path("certificate.pem")
        let process = try PeerProcess(
            [
                openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", key, "-out",
                file,
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2",
            ], log: scratch.path("openssl.log"))
        defer { withExtendedLifetime(process) {} }
        var context: NIOSSLContext?
        for _ in 0..<500 where context == nil {
            try await Task.sleep(for: .milliseconds(10))
            guard let chain = try? NIOSSLCertificate.fromPEMFile(file), let secret = try? NIOSSLPrivateKey(file: key, format: .pem) else {
                continue
            }
            let settings = TLSConfiguration.makeServerConfiguration(
                certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
            context = try? NIOSSLContext(configuration: settings)
        }
        return (file, try #require(context, "\(scratch.text("openssl.log"))"))
    }

    @Test func authoritiesOfOnesOwn() async throws {
        let scratch = try ScratchDirectory()
        let (file, context) = try await certificate(in: scratch)
        let served = try ServedImage()
        let server = try await ScriptedServer(tls: context) { served.answer($0) ?? .text(.notFound) }
        // A mirror with a scheme, because a registry on this machine is asked over HTTP otherwise.
        let host = server.host.replacing("127.0.0.1", with: "localhost")
        let name = try reference("registry.invalid/app")
        try await Fixture(mirrors: ["*": "https://\(host)"], certificateAuthorities: file).use { fixture in
            let image = try await fixture.client.image(name, platform: linux, store: fixture.store)
            #expect(image?.digest == served.manifestDescriptor.digest)
        }
        // The system does not know this authority.
        try await Fixture(mirrors: ["registry.invalid": "https://\(host)"]).use { fixture in
            _ = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(name) }
            let reasons = fixture.events.compactMap { if case .mirrorPassedOver(_, let reason) = $0 { reason } else { nil } }
            #expect(reasons.contains { $0.contains("no secure connection") && $0.contains("CERTIFICATE_VERIFY_FAILED") }, "\(reasons)")
        }
        // The right authority, but another host.
        try await Fixture(mirrors: ["*": "https://\(server.host)"], certificateAuthorities: file).use { fixture in
            _ = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(name) }
            #expect(server.requests.allSatisfy { $0.headers.first(name: "Host") == host })
        }
        // I-9: an insecure host is not verified, and HTTPS is tried before HTTP.
        try await Fixture(insecureHosts: [server.host]).use { fixture in
            let image = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            #expect(image?.digest == served.manifestDescriptor.digest)
        }
    }

    @Test func insecureHostThatSpeaksHTTP() async throws {
        let served = try ServedImage()
        let server = try await ScriptedServer { served.answer($0) ?? .text(.notFound) }
        try await Fixture(insecureHosts: ["127.0.0.1"]).use { fixture in
            let image = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            #expect(image?.digest == served.manifestDescriptor.digest)
        }
    }

    @Test func plainHTTPIsNotSpokenByAccident() async throws {
        let server = try await ScriptedServer { _ in .text(.ok) }
        try await Fixture(mirrors: ["*": "https://\(server.host)"]).use { fixture in
            _ = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("registry.invalid/app")) }
            #expect(server.requests.isEmpty)
        }
    }

    @Test func unreadableAuthorities() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write("not a certificate", to: "ca.pem")
        for path in [scratch.path("ca.pem"), scratch.path("missing.pem")] {
            #expect(throws: (any Error).self) { try RegistryClient(RegistryConfiguration(certificateAuthorities: path)) }
        }
    }
}
