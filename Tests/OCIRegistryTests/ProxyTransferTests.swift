import FoundationEssentials
import NIOHTTP1
import OCIImage
import OCIRegistry
import TestSupport
import Testing

/// Registries that only a proxy reaches.
@Suite struct ProxyTransferTests {
    /// A registry by a name that only the proxy can resolve; a mirror entry, because it can say 'http'.
    private static let mirrors = ["*": "http://registry.invalid:5000"]

    private func settings(_ text: String, exceptions: String = "") throws -> ProxySettings {
        try ProxySettings(environment: ["HTTP_PROXY": text, "NO_PROXY": exceptions])
    }

    @Test func throughTheProxy() async throws {
        let served = try ServedImage()
        let registry = "Basic \(Data("alice:registry-word".utf8).base64EncodedString())"
        let server = try await ScriptedServer { request in
            request.headers.first(name: "Authorization") == registry
                ? served.answer(request) ?? .text(.notFound) : .text(.unauthorized, headers: [("WWW-Authenticate", "Basic")])
        }
        let proxyHeader = Data("bob:p@ss word".utf8).base64EncodedString()
        let proxy = try await ConnectProxy(to: server.host, credentials: proxyHeader)
        let credentials = try CredentialStore(environment: ["CNB_REGISTRY_AUTH": "{\"registry.invalid:5000\": \"\(registry)\"}"])
        let name = try reference("busybox")
        try await Fixture(mirrors: Self.mirrors, credentials: credentials, proxies: settings("http://bob:p%40ss%20word@\(proxy.host)")).use
        {
            fixture in
            let image = try #require(try await fixture.client.image(name, platform: linux, store: fixture.store))
            _ = try await image.blobs.blob(served.layerDescriptor)
            #expect(fixture.store.contains(served.layerDescriptor))
        }
        // Each side gets its own password, and the registry nothing of the proxy's.
        #expect(
            proxy.heads.allSatisfy { $0.hasPrefix("CONNECT registry.invalid:5000 ") && $0.contains(proxyHeader) && !$0.contains(registry) })
        #expect(!server.requests.isEmpty)
        #expect(server.requests.allSatisfy { !$0.headers.contains(name: "Proxy-Authorization") })
    }

    @Test func proxyWantsAPassword() async throws {
        let proxy = try await ConnectProxy(to: "127.0.0.1:1", credentials: "other")
        try await Fixture(mirrors: Self.mirrors, proxies: settings("http://bob:secret-word@\(proxy.host)")).use { fixture in
            _ = try? await fixture.client.resolve(reference("127.0.0.1:1/app"))
            let reasons = fixture.events.compactMap { if case .mirrorPassedOver(_, let reason) = $0 { reason } else { nil } }
            #expect(reasons.contains { $0.hasSuffix("(through the proxy http://\(proxy.host))") }, "\(reasons)")
            #expect(!"\(fixture.events)".contains("secret-word"))
        }
    }

    @Test func proxyThatIsGone() async throws {
        try await Fixture(insecureHosts: ["registry.invalid"], proxies: settings("127.0.0.1:1")).use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("registry.invalid/app")) }
            #expect(error?.kind == .unreachable)
            #expect(error?.message.hasSuffix("(through the proxy http://127.0.0.1:1)") == true, "\(String(describing: error))")
            #expect(error?.hint?.contains("NO_PROXY should name registry.invalid") == true)
        }
    }

    @Test func notForThisMachine() async throws {
        let served = try ServedImage()
        let server = try await ScriptedServer { served.answer($0) ?? .text(.notFound) }
        try await Fixture(proxies: settings("127.0.0.1:1")).use { fixture in
            _ = try #require(try await fixture.client.resolve(reference("\(server.host)/app")))
        }
    }
}
