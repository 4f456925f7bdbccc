import Archive
import NIOHTTP1
import OCIImage
import OCIRegistry
import Synchronization
import TestSupport
import Testing

/// What a registry can do wrong while an image is read. In every case nothing stays in the store that should not be there.
@Suite struct FaultTests {
    /// Pulls `app` and its layer from a server with this script; the error that ends it.
    private func failure(_ fixture: Fixture, _ script: @escaping ScriptedServer.Script) async throws -> RegistryError? {
        let server = try await ScriptedServer(script)
        return try await fixture.use { fixture in
            do {
                let image = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
                for layer in image?.manifest.layers ?? [] { _ = try await image?.blobs.blob(layer) }
                return nil
            } catch let error as RegistryError {
                return error
            }
        }
    }

    @Test func honestServer() async throws {
        let served = try ServedImage()
        let fixture = try Fixture()
        #expect(try await failure(fixture) { served.answer($0) ?? .text(.notFound) } == nil)
        #expect(fixture.store.contains(served.layerDescriptor))
    }

    enum LayerFault: String, CaseIterable, Sendable {
        case otherBytes, tooShort, tooLong, shortAndHonest, longAndHonest, missing, endless
    }

    @Test(arguments: LayerFault.allCases)
    func wrongLayer(fault: LayerFault) async throws {
        let served = try ServedImage()
        let fixture = try Fixture(silenceLimit: .milliseconds(1500))
        let error = try await failure(fixture) { request in
            guard request.uri.hasSuffix("/blobs/\(served.layerDescriptor.digest)") else {
                return served.answer(request) ?? .text(.notFound)
            }
            var answer = ScriptedServer.Answer(body: served.layer)
            switch fault {
            case .otherBytes: answer.body[17] ^= 1
            case .tooShort:
                answer.announcedSize = served.layer.count
                answer.body.removeLast(100)
                answer.cuts = true
            case .tooLong:
                answer.headers = [("Transfer-Encoding", "chunked")]
                answer.body += [0]
            case .shortAndHonest: answer.body.removeLast()
            case .longAndHonest: answer.body += [0]
            case .missing: return .text(.notFound)
            case .endless:
                answer.announcedSize = served.layer.count
                answer.body.removeLast(100)
                answer.stalls = true
            }
            return answer
        }
        let expected: [LayerFault: RegistryError.Kind] = [.missing: .notFound, .tooShort: .interrupted, .endless: .timedOut]
        #expect(error?.kind == expected[fault] ?? .corrupted, "\(String(describing: error))")
        #expect(!fixture.store.contains(served.layerDescriptor))
        #expect(fixture.leftovers.isEmpty)
    }

    enum ManifestFault: String, CaseIterable, Sendable {
        case badJSON, empty, deep, wrongHeader, huge, schema1, bothKinds, wrongType, noConfig, negativeSize, notFoundPage, artifact,
            hugeConfig
    }

    @Test(arguments: ManifestFault.allCases)
    func wrongManifest(fault: ManifestFault) async throws {
        let served = try ServedImage()
        let fixture = try Fixture()
        let config =
            #"{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"\#(Digest.of(served.config))","size":\#(served.config.count)}"#
        let error = try await failure(fixture) { request in
            guard request.uri.contains("/manifests/") else { return served.answer(request) ?? .text(.notFound) }
            let type = MediaType.ociManifest.rawValue
            func text(_ text: String, type: String = type) -> ScriptedServer.Answer { .text(.ok, text, headers: [("Content-Type", type)]) }
            return switch fault {
            case .badJSON: text("{\"schemaVersion\": 2,")
            case .empty: text("")
            case .deep: text(String(repeating: "[", count: 100_000))
            case .wrongHeader:
                ScriptedServer.Answer(
                    headers: [("Content-Type", type), ("Docker-Content-Digest", "\(Digest.of([1]))")], body: served.manifest)
            case .huge: text(#"{"schemaVersion":2,"annotations":{"a":""# + String(repeating: "x", count: 4 << 20) + #""}}"#)
            case .schema1: text(#"{"schemaVersion":1,"fsLayers":[]}"#, type: "application/vnd.docker.distribution.manifest.v1+prettyjws")
            case .bothKinds: text(#"{"schemaVersion":2,"manifests":[],"config":\#(config),"layers":[]}"#)
            case .wrongType: text(#"{"schemaVersion":2,"mediaType":"\#(MediaType.ociIndex.rawValue)","config":\#(config),"layers":[]}"#)
            case .noConfig: text(#"{"schemaVersion":2,"layers":[]}"#)
            case .negativeSize: text(#"{"schemaVersion":2,"config":\#(config.replacing("\"size\":", with: "\"size\":-")),"layers":[]}"#)
            case .notFoundPage: text("<html>welcome</html>", type: "text/html")
            case .artifact: text(#"{"schemaVersion":2,"config":\#(config.replacing("image.config", with: "empty")),"layers":[]}"#)
            case .hugeConfig:
                text(#"{"schemaVersion":2,"config":\#(config.replacing("\"size\":", with: "\"size\":99999999")),"layers":[]}"#)
            }
        }
        #expect(error?.kind == (fault == .wrongHeader ? .corrupted : .malformed), "\(String(describing: error))")
        #expect(error?.message.contains("127.0.0.1") == true)
        #expect(fixture.leftovers.isEmpty)
        if fault == .schema1 { #expect(error?.hint?.contains("push the image again") == true) }
    }

    @Test func wrongBytesForADigest() async throws {
        let served = try ServedImage()
        let server = try await ScriptedServer { ServedImage.document(served.manifest + [10], .ociManifest, $0) }
        try await Fixture().use { fixture in
            let name = try reference("\(server.host)/app@\(Digest.of(served.manifest))")
            for attempt in [
                { _ = try await fixture.client.image(name, platform: linux, store: fixture.store) },
                { _ = try await fixture.client.resolve(name) },
            ] as [() async throws -> Void] {
                let error = await #expect(throws: RegistryError.self) { try await attempt() }
                #expect(error?.kind == .corrupted)
            }
        }
    }

    // I-12, and 429 with the wait that it asks for.
    @Test(arguments: [
        ("429", 2), ("500", 2), ("503", 2), ("408", 2), ("cut", 2), ("403", 1), ("400", 1), ("401", 1), ("405", 1), ("429-later", 1),
    ])
    func retries(fault: String, requests: Int) async throws {
        let served = try ServedImage()
        let fixture = try Fixture()
        let failed = Failed()
        let server = try await ScriptedServer { request in
            guard request.method == .GET, request.uri.contains("/manifests/"), failed.firstTime() else {
                return served.answer(request) ?? .text(.notFound)
            }
            switch fault {
            case "cut": return ScriptedServer.Answer(announcedSize: 10, cuts: true)
            case "429": return .text(.tooManyRequests, headers: [("Retry-After", "0")])
            case "429-later": return .text(.tooManyRequests, headers: [("Retry-After", "3600")])
            default: return .text(HTTPResponseStatus(statusCode: Int(fault) ?? 0))
            }
        }
        try await fixture.use { fixture in
            let image = try? await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            #expect((image != nil) == (requests == 2))
            #expect(server.requests.count { $0.uri.contains("/manifests/") } == requests)
            #expect(fixture.events.contains { if case .retrying = $0 { true } else { false } } == (requests == 2))
        }
    }

    private final class Failed: Sendable {
        private let done = Mutex(false)
        func firstTime() -> Bool {
            done.withLock {
                let first = !$0; $0 = true; return first
            }
        }
    }

    @Test func errorsExplainThemselves() async throws {
        let fixture = try Fixture()
        let body = #"{"errors":[{"code":"DENIED","message":"not \u001b[31myours","detail":null}]}"#
        let error = try await failure(fixture) { _ in .text(.forbidden, body) }
        #expect(error?.kind == .denied)
        #expect(error?.codes == ["DENIED"])
        #expect(
            error?.message.hasSuffix("/v2/app/manifests/latest: 403 Forbidden: DENIED: not  [31myours") == true,
            "\(String(describing: error))")
        #expect(error?.message.hasPrefix("GET http://127.0.0.1:") == true)
    }

    @Test func unauthorizedSaysWhy() async throws {
        let error = try await failure(Fixture()) { _ in .text(.unauthorized, headers: [("WWW-Authenticate", "Basic realm=\"x\"")]) }
        #expect(error?.kind == .unauthorized)
        #expect(error?.hint?.contains("credentials") == true)
    }

    @Test func errorBodyThatNeverEnds() async throws {
        let error = try await failure(Fixture()) { _ in
            ScriptedServer.Answer(status: .badRequest, body: [UInt8](repeating: 65, count: 1 << 20), announcedSize: 1 << 30, stalls: true)
        }
        #expect(error?.kind == .rejected)
    }

    @Test func nobodyListens() async throws {
        try await Fixture().use { fixture in
            let error = await #expect(throws: RegistryError.self) { try await fixture.client.resolve(reference("127.0.0.1:1/app")) }
            #expect(error?.kind == .unreachable)
            #expect(error?.message == "HEAD http://127.0.0.1:1/v2/app/manifests/latest: cannot connect: Connection refused")
            #expect(fixture.events.count == 2)
            // Where another name of the image can be asked, nobody waits.
            await #expect(throws: RegistryError.self) {
                try await fixture.client.resolve(reference("127.0.0.1:1/app"), hasAlternative: true)
            }
            #expect(fixture.events.count == 2)
        }
    }

    @Test func redirectedBlob() async throws {
        let served = try ServedImage()
        let storage = try await ScriptedServer { request in
            request.uri == "/bucket?signature=a%2Fb" ? ScriptedServer.Answer(body: served.layer) : .text(.notFound)
        }
        let fixture = try Fixture()
        let address = "http://\(storage.host)/bucket?signature=a%2Fb"
        let error = try await failure(fixture) { request in
            request.uri.hasSuffix("\(served.layerDescriptor.digest)")
                ? .text(.temporaryRedirect, headers: [("Location", address)]) : served.answer(request) ?? .text(.notFound)
        }
        #expect(error == nil)
        #expect(fixture.store.contains(served.layerDescriptor))
        #expect(storage.requests.count == 1)
        #expect(storage.requests.first?.headers.contains(name: "Authorization") == false)
    }

    @Test func redirectsInCircles() async throws {
        let error = try await failure(Fixture()) { .text(.found, headers: [("Location", $0.uri)]) }
        #expect(error?.kind == .malformed)
        #expect(error?.message.contains("redirects") == true)
    }

    /// A mirror that serves rubbish is no reason to fail while the registry itself is fine.
    @Test func corruptMirror() async throws {
        let served = try ServedImage()
        let mirror = try await ScriptedServer { request in
            request.uri.contains("/blobs/") ? .text(.ok, "rubbish") : served.answer(request) ?? .text(.notFound)
        }
        let origin = try await ScriptedServer { served.answer($0) ?? .text(.notFound) }
        try await Fixture(mirrors: ["*": mirror.host]).use { fixture in
            let found = try await fixture.client.image(reference("\(origin.host)/app"), platform: linux, store: fixture.store)
            let image = try #require(found)
            _ = try await image.blobs.blob(served.layerDescriptor)
            #expect(fixture.store.contains(served.layerDescriptor))
        }
    }
}
