import Archive
import NIOHTTP1
import OCIImage
import OCIRegistry
import Synchronization
import TestSupport
import Testing

/// Bearer tokens for nobody in particular, as public images need them.
@Suite struct TokenTests {
    /// A registry without memory that takes and mounts everything.
    static func taking(_ request: ScriptedServer.Request) -> ScriptedServer.Answer {
        switch request.method {
        case .POST where request.uri.contains("mount="): .text(.created)
        case .POST: .text(.accepted, headers: [("Location", "/v2/app/blobs/uploads/1")])
        case .PUT: .text(.created)
        default: .text(.notFound)
        }
    }

    @Test func pullAsNobody() async throws {
        let served = try ServedImage()
        let tokens = try await TokenServer()
        let server = try await ScriptedServer(tokens.guarding { served.answer($0) ?? .text(.notFound) })
        try await Fixture().use { fixture in
            let image = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            _ = try await image?.blobs.blob(served.layerDescriptor)
            #expect(fixture.store.contains(served.layerDescriptor))
            // One 401, one token, and no more of either.
            #expect(tokens.scopes == [["repository:app:pull"]])
            #expect(TokenServer.fields(String(tokens.requests[0].uri.drop { $0 != "?" }.dropFirst()))["service"] == ["our registry"])
            #expect(tokens.requests[0].method == .GET)
            #expect(!tokens.requests[0].headers.contains(name: "Authorization"))
            #expect(server.requests.count { !$0.headers.contains(name: "Authorization") } == 1)
            #expect(server.requests.count == 4)
        }
    }

    @Test func pushAndMount() async throws {
        let tokens = try await TokenServer()
        let server = try await ScriptedServer(tokens.guarding(Self.taking))
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, layers: 6)
            _ = try await fixture.client.push(
                image, to: reference("\(server.host)/app"), store: fixture.store, mountFrom: [reference("\(server.host)/base")])
            // One token to write, and one that may read the other repository too.
            #expect(
                tokens.scopes.map { $0.sorted() } == [["repository:app:pull,push"], ["repository:app:pull,push", "repository:base:pull"]])
            #expect(server.requests.last?.uri == "/v2/app/manifests/latest")
            #expect(fixture.events.count { if case .mounted = $0 { true } else { false } } == 6)
        }
    }

    /// The token service does not let us read the repository to link from: then the blob is sent.
    @Test func mountThatIsNotAllowed() async throws {
        let tokens = try await TokenServer()
        let server = try await ScriptedServer(
            tokens.guarding { request in request.uri.contains("mount=") ? .text(.forbidden) : Self.taking(request) })
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store)
            _ = try await fixture.client.push(
                image, to: reference("\(server.host)/app"), store: fixture.store, mountFrom: [reference("\(server.host)/base")])
            #expect(fixture.events.contains { if case .uploaded = $0 { true } else { false } })
        }
    }

    @Test func revokedTokenIsReplacedOnce() async throws {
        let served = try ServedImage()
        let tokens = try await TokenServer()
        let server = try await ScriptedServer(tokens.guarding { served.answer($0) ?? .text(.notFound) })
        let name = try reference("\(server.host)/app")
        try await Fixture().use { fixture in
            _ = try #require(try await fixture.client.resolve(name))
            tokens.revoke()
            _ = try #require(try await fixture.client.resolve(name))
            #expect(tokens.requests.count == 2)
            #expect(server.requests.count == 4)
        }
    }

    // The service says how long; `access_token` counts as `token`.
    @Test(arguments: [
        (#", "expires_in": 1"#, 2), (#", "expires_in": 300, "issued_at": "2020-01-01T00:00:00.123456789Z""#, 1), ("", 1),
        (#", "expires_in": -5, "issued_at": 7"#, 1), (#", "expires_in": "soon""#, 1), (#", "expires_in": 1e300, "issued_at": "x""#, 1),
    ])
    func expiry(extra: String, tokensNeeded: Int) async throws {
        let served = try ServedImage()
        let tokens = try await TokenServer(TokenServer.Behaviour(extra: extra, member: "access_token"))
        let server = try await ScriptedServer(tokens.guarding { served.answer($0) ?? .text(.notFound) })
        let name = try reference("\(server.host)/app")
        try await Fixture().use { fixture in
            _ = try #require(try await fixture.client.resolve(name))
            try await Task.sleep(for: .milliseconds(tokensNeeded == 2 ? 1100 : 10))
            _ = try #require(try await fixture.client.resolve(name))
            #expect(tokens.requests.count == tokensNeeded)
            // A token is renewed before it is refused.
            #expect(server.requests.count == 3)
        }
    }

    /// What the registry asks for is asked for besides what we need.
    @Test func scopesOfTheChallenge() async throws {
        let served = try ServedImage()
        let tokens = try await TokenServer()
        let server = try await ScriptedServer(tokens.guarding(alsoScope: "registry:catalog:pull") { served.answer($0) ?? .text(.notFound) })
        try await Fixture().use { fixture in
            _ = try #require(try await fixture.client.resolve(reference("\(server.host)/app")))
            #expect(tokens.scopes.map { $0.sorted() } == [["registry:catalog:pull", "repository:app:pull"]])
        }
    }

    /// As Docker Hub answers for a repository that is missing or private.
    @Test func missingOrForbidden() async throws {
        let tokens = try await TokenServer(TokenServer.Behaviour(grants: []))
        let server = try await ScriptedServer(tokens.guarding { _ in .text(.ok) })
        try await Fixture().use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(server.host)/app")) }
            #expect(error?.kind == .unauthorized)
            #expect(error?.status == 401)
            #expect(
                error?.hint?.contains("the repository does not exist, or \(server.host) wants credentials") == true, "\(error?.hint ?? "")")
            #expect(tokens.requests.count == 1)
        }
    }

    static let answers: [(ScriptedServer.Answer, RegistryError.Kind)] = [
        (.text(.ok, "{"), .malformed), (.text(.ok, "{}"), .malformed), (.text(.ok, #"{"token": ""}"#), .malformed),
        (.text(.ok, #"{"token": 7}"#), .malformed), (.text(.ok, #"{"token": "a\nb: c"}"#), .malformed),
        (.text(.ok, String(repeating: "[", count: 50_000)), .malformed),
        (ScriptedServer.Answer(body: [UInt8](repeating: 32, count: 2 << 20)), .malformed),
        (.text(.forbidden, #"{"errors":[{"code":"DENIED","message":"no"}]}"#), .denied), (.text(.notFound), .unauthorized),
        (.text(.badRequest), .unauthorized), (.text(.serviceUnavailable), .unavailable),
        (.text(.found, headers: [("Location", "/token")]), .malformed),
        (ScriptedServer.Answer(announcedSize: 10, cuts: true), .interrupted),
    ]

    @Test(arguments: 0..<answers.count)
    func badAnswers(index: Int) async throws {
        let (answer, kind) = Self.answers[index]
        let tokens = try await TokenServer(TokenServer.Behaviour(answer: answer))
        let server = try await ScriptedServer(tokens.guarding { _ in .text(.ok) })
        try await Fixture().use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(server.host)/app")) }
            #expect(error?.kind == kind)
            #expect(
                error?.message.contains("no token for repository:app:pull: GET \(tokens.realm)") == true || kind == .interrupted
                    || answer.status == .found, "\(String(describing: error))")
            #expect(tokens.requests.count == (error?.status == 503 || kind == .interrupted ? 3 : answer.status == .found ? 6 : 1))
        }
    }

    // Tokens are fetched with secrets, so not over plain HTTP from anywhere, and from nothing that is no address.
    @Test(arguments: [
        "http://auth.example/token", "", "x", "/token", "ftp://auth.example/", "https://me:secret-word@auth.example/", "https://",
    ])
    func unusableRealm(realm: String) async throws {
        let server = try await ScriptedServer { _ in .text(.unauthorized, headers: [("WWW-Authenticate", "Bearer realm=\"\(realm)\"")]) }
        try await Fixture().use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("\(server.host)/app")) }
            #expect(error?.kind == .malformed)
            #expect(error?.message.contains("secret-word") == false)
            #expect(error?.message.contains("for tokens") == true)
        }
    }

    /// A registry that repeats our token in its error, and one that redirects to it: it is not shown.
    @Test func echoedToken() async throws {
        let tokens = try await TokenServer()
        let server = try await ScriptedServer(
            tokens.guarding { request in
                let token = request.headers.first(name: "Authorization") ?? ""
                return request.method == .HEAD
                    ? .text(.ok)
                    : ScriptedServer.Answer(
                        status: .custom(code: 400, reasonPhrase: "no \(token)"),
                        body: Array(#"{"errors":[{"code":"\#(token)","message":"what is \#(token)?"}]}"#.utf8))
            })
        try await Fixture().use { fixture in
            let error = await #expect(throws: RegistryError.self) {
                try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            }
            #expect(error?.message.contains("<redacted>") == true)
            #expect("\(String(describing: error)) \(String(reflecting: error)) \(fixture.events)".contains("token-number") == false)
        }
    }

    /// Many requests at once share one token request.
    @Test func oneTokenForAll() async throws {
        let served = try ServedImage()
        let tokens = try await TokenServer()
        let server = try await ScriptedServer(tokens.guarding { served.answer($0) ?? .text(.notFound) })
        let name = try reference("\(server.host)/app")
        try await Fixture().use { fixture in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<20 { group.addTask { _ = try await fixture.client.resolve(name) } }
                try await group.waitForAll()
            }
            #expect(tokens.requests.count <= 2)
        }
    }
}
