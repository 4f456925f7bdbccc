import Archive
import FoundationEssentials
import Glibc
import NIOHTTP1
import OCIImage
import OCIRegistry
import TestSupport
import Testing

/// Registries and token services that want to know who we are.
@Suite struct AuthenticationTests {
    private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }

    private func store(_ headers: [String: String]) throws -> CredentialStore {
        let members = headers.map { "\"\($0)\": \"\($1)\"" }.joined(separator: ",")
        return try CredentialStore(environment: ["CNB_REGISTRY_AUTH": "{\(members)}"])
    }

    /// A registry that takes one `Authorization` header.
    private func server(_ header: String, challenge: String = "Basic realm=\"r\"", _ script: @escaping ScriptedServer.Script) async throws
        -> ScriptedServer
    {
        try await ScriptedServer { request in
            request.headers.first(name: "Authorization") == header
                ? script(request) : .text(.unauthorized, headers: [("WWW-Authenticate", challenge)])
        }
    }

    @Test func basic() async throws {
        let served = try ServedImage()
        let header = "Basic \(Self.base64("alice:secret-word"))"
        let server = try await server(header) { served.answer($0) ?? .text(.notFound) }
        try await Fixture(credentials: store([server.host: header])).use { fixture in
            let image = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            _ = try await image?.blobs.blob(served.layerDescriptor)
            #expect(fixture.store.contains(served.layerDescriptor))
            // Asked once, then sent without being asked.
            #expect(server.requests.count { !$0.headers.contains(name: "Authorization") } == 1)
        }
        // Nothing is sent to a registry that does not ask.
        let open = try await ScriptedServer { served.answer($0) ?? .text(.notFound) }
        try await Fixture(credentials: store([open.host: header])).use { fixture in
            _ = try await fixture.client.image(reference("\(open.host)/app"), platform: linux, store: fixture.store)
            #expect(open.requests.allSatisfy { !$0.headers.contains(name: "Authorization") })
        }
    }

    @Test func wrongPassword() async throws {
        let server = try await server("Basic right") { _ in .text(.ok) }
        try await Fixture(credentials: store([server.host: "Basic \(Self.base64("alice:secret-word"))"])).use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(server.host)/app")) }
            #expect(error?.kind == .unauthorized)
            #expect(
                error?.hint?.hasPrefix("\(server.host) does not accept user 'alice' from CNB_REGISTRY_AUTH here") == true,
                "\(error?.hint ?? "")")
            #expect(server.requests.count == 2)
        }
    }

    @Test func forbidden() async throws {
        let header = "Basic \(Self.base64("alice:secret-word"))"
        let server = try await server(header) { _ in .text(.forbidden) }
        try await Fixture(credentials: store([server.host: header])).use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(server.host)/app")) }
            #expect(error?.kind == .denied)
            #expect(
                error?.hint == "user 'alice' from CNB_REGISTRY_AUTH may not do this at \(server.host), or the repository does not exist")
        }
    }

    @Test func brokenHelperIsNamed() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write(#"{"credsStore": "tote-nowhere"}"#, to: "config.json")
        let server = try await server("Basic right") { _ in .text(.ok) }
        try await Fixture(credentials: CredentialStore(environment: ["DOCKER_CONFIG": scratch.path])).use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(server.host)/app")) }
            #expect(error?.hint?.contains("no") == true)
            #expect(
                error?.hint?.contains("'docker-credential-tote-nowhere' is not installed (named by '\(scratch.path)/config.json')") == true)
        }
    }

    /// From the file over the program in PATH to the registry.
    @Test func helperProgram() async throws {
        let scratch = try ScratchDirectory()
        try scratch.write(#"{"credsStore": "here"}"#, to: "config.json")
        try scratch.write(
            """
            #!/bin/sh
            read -r server
            echo "{\\"ServerURL\\": \\"$server\\", \\"Username\\": \\"alice\\", \\"Secret\\": \\"for $server\\"}"
            echo . >> \(scratch.path("runs"))
            """, to: "docker-credential-here")
        chmod(scratch.path("docker-credential-here"), 0o700)
        let served = try ServedImage()
        let server = try await ScriptedServer { request in
            let own = "Basic \(Self.base64("alice:for \(request.headers.first(name: "Host") ?? "")"))"
            return request.headers.first(name: "Authorization") == own
                ? served.answer(request) ?? .text(.notFound) : .text(.unauthorized, headers: [("WWW-Authenticate", "Basic")])
        }
        let variables = ["DOCKER_CONFIG": scratch.path, "PATH": "\(scratch.path):/usr/bin:/bin"]
        try await Fixture(credentials: CredentialStore(environment: variables)).use { fixture in
            let name = try reference("\(server.host)/app")
            _ = try #require(try await fixture.client.resolve(name))
            _ = try #require(try await fixture.client.resolve(name))
            // Asked once, for it may ask the user.
            #expect(scratch.text("runs") == ".\n")
        }
    }

    @Test func passwordForAToken() async throws {
        let served = try ServedImage()
        let header = "Basic \(Self.base64("alice:secret-word"))"
        let tokens = try await TokenServer(TokenServer.Behaviour(accepts: [header]))
        let server = try await ScriptedServer(tokens.guarding { served.answer($0) ?? .text(.notFound) })
        try await Fixture(credentials: store([server.host: header])).use { fixture in
            _ = try #require(try await fixture.client.resolve(reference("\(server.host)/app")))
            // The registry itself never sees the password.
            #expect(server.requests.allSatisfy { $0.headers.first(name: "Authorization") != header })
        }
        try await Fixture(credentials: store([server.host: "Basic \(Self.base64("bob:secret-word"))"])).use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(server.host)/app")) }
            #expect(error?.kind == .unauthorized)
            #expect(
                error?.message.hasPrefix("\(server.host): no token for repository:app:pull: GET \(tokens.realm): 401") == true,
                "\(String(describing: error))")
            #expect(error?.hint?.contains("user 'bob' from CNB_REGISTRY_AUTH") == true)
        }
    }

    /// OAuth 2: the token goes in the body of a POST.
    @Test func identityToken() async throws {
        let tokens = try await TokenServer(TokenServer.Behaviour(member: "access_token", accepts: ["refresh &me"]))
        let server = try await ScriptedServer(tokens.guarding(TokenTests.taking))
        try await Fixture(credentials: store([server.host: "X-Identity refresh &me"])).use { fixture in
            try await fixture.client.checkWriteAccess(reference("\(server.host)/app"))
            let form = TokenServer.fields(String(decoding: tokens.requests[0].body, as: UTF8.self))
            #expect(form["grant_type"] == ["refresh_token"])
            #expect(form["scope"] == ["repository:app:pull,push"])
            #expect(form["service"] == ["our registry"])
            #expect(tokens.requests.allSatisfy { $0.method == .POST && !$0.uri.contains("refresh") })
        }
    }

    @Test(arguments: ["Bearer realm=\"x\"", "Bearer realm=\"https://auth.example/token\"", "Basic"])
    func registryToken(challenge: String) async throws {
        let served = try ServedImage()
        let server = try await server("Bearer ready-made", challenge: challenge) { served.answer($0) ?? .text(.notFound) }
        try await Fixture(credentials: store([server.host: "Bearer ready-made"])).use { fixture in
            _ = try #require(try await fixture.client.resolve(reference("\(server.host)/app")))
        }
    }

    /// A registry sends us to another host with whatever we carry: nothing of it arrives there.
    @Test(arguments: [true, false])
    func redirectElsewhere(_ byToken: Bool) async throws {
        let served = try ServedImage()
        let storage = try await ScriptedServer { _ in ScriptedServer.Answer(body: served.layer) }
        let header = "Basic \(Self.base64("alice:secret-word"))"
        let script: ScriptedServer.Script = { request in
            request.uri.hasSuffix("\(served.layerDescriptor.digest)")
                ? .text(.temporaryRedirect, headers: [("Location", "http://\(storage.host)/bucket?signature=1")])
                : served.answer(request) ?? .text(.notFound)
        }
        let tokens = try await TokenServer(TokenServer.Behaviour(accepts: [header]))
        let server = byToken ? try await ScriptedServer(tokens.guarding(script)) : try await server(header, script)
        try await Fixture(credentials: store([server.host: header])).use { fixture in
            let image = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            _ = try await image?.blobs.blob(served.layerDescriptor)
            #expect(storage.requests.count == 1)
            #expect(storage.requests.allSatisfy { !$0.headers.contains(name: "Authorization") })
        }
        // The token service too may only send us somewhere without the password.
        let elsewhere = try await ScriptedServer { _ in .text(.ok, #"{"token": "x"}"#) }
        let away = try await TokenServer(
            TokenServer.Behaviour(answer: .text(.found, headers: [("Location", "http://\(elsewhere.host)/token")])))
        let other = try await ScriptedServer(away.guarding { _ in .text(.ok) })
        try await Fixture(credentials: store([other.host: header])).use { fixture in
            _ = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(other.host)/app")) }
            #expect(elsewhere.requests.count == 1)
            #expect(elsewhere.requests.allSatisfy { !$0.headers.contains(name: "Authorization") })
        }
    }

    /// An upload session at another host gets the blob, but not our name.
    @Test func uploadElsewhere() async throws {
        let storage = try await ScriptedServer { _ in .text(.created) }
        let header = "Basic \(Self.base64("alice:secret-word"))"
        let server = try await server(header) { request in
            request.method == .POST
                ? .text(.accepted, headers: [("Location", "http://\(storage.host)/put")]) : TokenTests.taking(request)
        }
        try await Fixture(credentials: store([server.host: header])).use { fixture in
            let image = try RandomImage.make(in: fixture.store)
            _ = try await fixture.client.push(image, to: reference("\(server.host)/app"), store: fixture.store)
            #expect(storage.requests.count == 2)
            #expect(storage.requests.allSatisfy { !$0.headers.contains(name: "Authorization") })
        }
    }

    /// A mirror has credentials of its own.
    @Test func mirror() async throws {
        let served = try ServedImage()
        let header = "Basic \(Self.base64("mirror:secret-word"))"
        let server = try await server(header) { served.answer($0) ?? .text(.notFound) }
        try await Fixture(mirrors: ["*": server.host], credentials: store([server.host: header, "origin.invalid": "Bearer other"])).use {
            fixture in
            _ = try #require(try await fixture.client.resolve(reference("origin.invalid/app")))
            #expect(!server.requests.contains { $0.headers.first(name: "Authorization")?.contains("other") == true })
        }
    }

    /// Whatever a registry makes of what it was sent, nothing of it shows.
    @Test(arguments: ["Basic \(base64("alice:secret-word"))", "Bearer secret-word", "X-Identity secret-word"])
    func nothingShows(_ header: String) async throws {
        let hidden = ["secret-word", Self.base64("alice:secret-word")]
        @Sendable func echo(_ request: ScriptedServer.Request, _ status: HTTPResponseStatus) -> ScriptedServer.Answer {
            let seen = "\(request.headers.first(name: "Authorization") ?? "") \(String(decoding: request.body, as: UTF8.self)) secret-word"
            return ScriptedServer.Answer(
                status: .custom(code: status.code, reasonPhrase: "no \(seen)"),
                headers: [("Location", "ftp://\(seen.filter { $0 != " " })/")],
                body: Array(#"{"errors":[{"code":"\#(seen)","message":"\#(seen)"}]}"#.utf8))
        }
        for status in [HTTPResponseStatus.forbidden, .badRequest, .serviceUnavailable, .found, .notFound, .unauthorized] {
            for atToken in [true, false] {
                let tokens = try await ScriptedServer { request in
                    atToken ? echo(request, status) : .text(.ok, #"{"token": "secret-word-2"}"#)
                }
                let server = try await ScriptedServer { request in
                    request.headers.contains(name: "Authorization")
                        ? echo(request, status)
                        : .text(.unauthorized, headers: [("WWW-Authenticate", "Bearer realm=\"http://\(tokens.host)/\", Basic")])
                }
                let name = try reference("\(server.host)/app")
                try await Fixture(credentials: store([server.host: header])).use { fixture in
                    do {
                        let image = try RandomImage.make(in: fixture.store)
                        if status == .forbidden { try await fixture.client.checkWriteAccess(name) }
                        _ = try await fixture.client.push(image, to: name, store: fixture.store)
                    } catch let error as RegistryError {
                        let shown = "\(error.message) \(error.hint ?? "") \(error.codes) \(String(reflecting: error)) \(fixture.events)"
                        for text in hidden { #expect(!shown.contains(text), "\(shown)") }
                    }
                }
            }
        }
    }
}
