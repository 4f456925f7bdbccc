import Archive
import FoundationEssentials
import NIOHTTP1
import OCIImage
import OCIRegistry
import TestSupport
import Testing

/// docker-registry with passwords, and with tokens that it verifies.
@Suite(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
struct RealAuthenticationTests {
    private func configuration(in scratch: ScratchDirectory, host: String, user: String, password: String) throws -> CredentialStore {
        let auth = Data("\(user):\(password)".utf8).base64EncodedString()
        try scratch.write(#"{"auths": {"\#(host)": {"auth": "\#(auth)"}}}"#, to: "config.json")
        return try CredentialStore(environment: ["DOCKER_CONFIG": scratch.path])
    }

    private func roundTrip(_ credentials: CredentialStore, host: String) async throws {
        let name = try reference("\(host)/team/app:1")
        var pushed: Digest?
        try await Fixture(credentials: credentials).use { fixture in
            #expect(try await fixture.client.checkReadAccess(name) == false)
            try await fixture.client.checkWriteAccess(name)
            let image = try RandomImage.make(in: fixture.store, layers: 3, size: 200_000)
            pushed = try await fixture.client.push(image, to: name, store: fixture.store)
            // From one repository to another of the same registry.
            _ = try await fixture.client.push(image, to: reference("\(host)/team/other:1"), store: fixture.store, mountFrom: [name])
            #expect(fixture.events.count { if case .mounted = $0 { true } else { false } } == 3)
        }
        try await Fixture(credentials: credentials).use { fixture in
            let image = try #require(try await fixture.client.image(name, platform: .host, store: fixture.store))
            for layer in image.manifest.layers { _ = try await image.blobs.blob(layer) }
            #expect(image.digest == pushed)
            #expect(try fixture.store.validate() == [])
        }
    }

    @Test func passwords() async throws {
        let scratch = try ScratchDirectory()
        // bcrypt of 'a secret word'.
        try scratch.write("alice:$2b$05$abcdefghijklmnopqrstuunrlB6l4ErRSz86t04PNr4QeEMTIY6ZW\n", to: "htpasswd")
        let registry = try await DockerRegistry(extra: "auth: {htpasswd: {realm: test, path: \(scratch.path("htpasswd"))}}")
        try await roundTrip(configuration(in: scratch, host: registry.host, user: "alice", password: "a secret word"), host: registry.host)
        for store in [CredentialStore(), try configuration(in: scratch, host: registry.host, user: "alice", password: "wrong-word")] {
            try await Fixture(credentials: store).use { fixture in
                let error = await #expect(throws: RegistryError.self) {
                    try await fixture.client.resolve(reference("\(registry.host)/team/app:1"))
                }
                #expect(error?.kind == .unauthorized)
                #expect("\(String(reflecting: error))".contains("wrong-word") == false)
            }
        }
    }

    private static func base64URL(_ bytes: some DataProtocol) -> String {
        Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func wait(for path: String) async throws -> Data {
        for _ in 0..<1000 {
            if let data = try? Data(contentsOf: URL(filePath: path)), !data.isEmpty { return data }
            try await Task.sleep(for: .milliseconds(10))
        }
        throw TestSetupError("'\(path)' is not made")
    }

    private func openssl(_ arguments: [String], in scratch: ScratchDirectory, makes name: String) async throws -> Data {
        let program = try #require(Peer.path(of: "openssl"))
        // Written aside first, so that half a file is never read.
        let script = #"openssl=$1; file=$2; command=$3; shift 3; "$openssl" "$command" -out "$file.new" "$@" && mv "$file.new" "$file""#
        let process = try PeerProcess(["sh", "-c", script, "sh", program, scratch.path(name)] + arguments, log: scratch.path("log"))
        defer { withExtendedLifetime(process) {} }
        return try await Self.wait(for: scratch.path(name))
    }

    /// Tokens as the registry's own documentation has them: signed, with the certificate inside.
    @Test(.enabled(if: Peer.isThere("openssl"), "openssl is not installed"))
    func signedTokens() async throws {
        let scratch = try ScratchDirectory()
        let certificate = try await openssl(
            ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", scratch.path("key.pem"), "-subj", "/CN=tokens", "-days", "2"],
            in: scratch, makes: "certificate.pem")
        let lines = String(decoding: certificate, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("-----") }
        let now = Int(Date().timeIntervalSince1970)
        let header = #"{"typ":"JWT","alg":"RS256","x5c":["\#(lines.joined())"]}"#
        let access = ["team/app", "team/other"].map { #"{"type":"repository","name":"\#($0)","actions":["pull","push"]}"# }.joined(
            separator: ",")
        let claims =
            #"{"iss":"tests","sub":"alice","aud":"real","exp":\#(now + 3600),"nbf":\#(now - 60),"iat":\#(now - 60),"jti":"1","access":[\#(access)]}"#
        let signed = "\(Self.base64URL(Array(header.utf8))).\(Self.base64URL(Array(claims.utf8)))"
        try scratch.write(signed, to: "signed")
        let signature = try await openssl(
            ["dgst", "-sha256", "-sign", scratch.path("key.pem"), scratch.path("signed")], in: scratch, makes: "signature")
        let token = "\(signed).\(Self.base64URL(signature))"

        let header2 = "Basic \(Data("alice:a secret word".utf8).base64EncodedString())"
        let tokens = try await TokenServer(
            TokenServer.Behaviour(answer: .text(.ok, #"{"token": "\#(token)", "expires_in": 3600}"#), accepts: [header2]))
        let registry = try await DockerRegistry(
            extra:
                "auth: {token: {realm: \"\(tokens.realm)\", service: real, issuer: tests, rootcertbundle: \(scratch.path("certificate.pem"))}}"
        )
        try await roundTrip(configuration(in: scratch, host: registry.host, user: "alice", password: "a secret word"), host: registry.host)
        #expect(tokens.scopes.contains { $0.sorted() == ["repository:team/app:pull", "repository:team/other:pull,push"] })
        try await Fixture().use { fixture in
            let error = await #expect(throws: RegistryError.self) {
                try await fixture.client.resolve(reference("\(registry.host)/team/app:1"))
            }
            #expect(error?.kind == .unauthorized)
        }
    }
}
