import Archive
import NIOHTTP1
import OCIImage
import OCIRegistry
import Synchronization
import TestSupport
import Testing

@Suite struct UploadFaultTests {
    /// A registry without memory that takes everything: `upload` decides what becomes of the PUT of a blob, by its number.
    private func server(
        location: @escaping @Sendable (ScriptedServer.Request) -> String = { _ in "/v2/app/blobs/uploads/1?state=x" },
        upload: @escaping @Sendable (Int) -> ScriptedServer.Answer = { _ in .text(.created) }
    ) async throws -> ScriptedServer {
        let uploads = Counter()
        return try await ScriptedServer { request in
            switch request.method {
            case .POST: .text(.accepted, headers: [("Location", location(request))])
            case .PUT where request.uri.contains("digest="): upload(uploads.next())
            case .PUT: .text(.created)
            default: .text(.notFound)
            }
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)
        func next() -> Int {
            count.withLock {
                $0 += 1; return $0
            }
        }
    }

    @Test func failedUploadsAreRepeatedWhole() async throws {
        let server = try await server(upload: { $0 == 1 ? .text(.internalServerError) : .text(.created) })
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, size: 3 << 20)
            _ = try await fixture.client.push(image, to: reference("\(server.host)/app"), store: fixture.store)
            let puts = server.requests.filter { $0.method == .PUT && $0.uri.contains("digest=") }
            #expect(puts.count == 3)
            #expect(server.requests.count { $0.method == .POST } == 3)
            let layer = image.manifest.layers[0]
            // All requests for the layer carried all of it, whichever of the two blobs failed first.
            let sizes = puts.filter { $0.uri.contains(layer.digest.hex) }.map { Int64($0.bodySize) }
            #expect(Set(sizes) == [layer.size])
            #expect(puts.allSatisfy { $0.uri.contains("?state=x&digest=sha256%3A") })
        }
    }

    @Test func manifestGoesLast() async throws {
        let server = try await server()
        try await Fixture().use { fixture in
            _ = try await fixture.client.push(
                RandomImage.make(in: fixture.store, layers: 7), to: reference("\(server.host)/app"), additionalTags: ["x"],
                store: fixture.store)
            #expect(server.requests.suffix(2).map(\.uri) == ["/v2/app/manifests/latest", "/v2/app/manifests/x"])
            #expect(server.requests.suffix(2).allSatisfy { $0.headers.first(name: "Content-Type") == MediaType.ociManifest.rawValue })
        }
    }

    @Test func absoluteLocationElsewhere() async throws {
        let storage = try await server()
        let address = "http://\(storage.host)/put"
        let registry = try await server(location: { _ in address })
        try await Fixture().use { fixture in
            _ = try await fixture.client.push(
                RandomImage.make(in: fixture.store), to: reference("\(registry.host)/app"), store: fixture.store)
            #expect(storage.requests.count { $0.method == .PUT && $0.uri.hasPrefix("/put?digest=") } == 2)
        }
    }

    @Test func registryThatStoredSomethingElse() async throws {
        let server = try await server(upload: { _ in .text(.created, headers: [("Docker-Content-Digest", "\(Digest.of([1]))")]) })
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store)
            let error = await #expect(throws: RegistryError.self) {
                try await fixture.client.push(image, to: reference("\(server.host)/app"), store: fixture.store)
            }
            #expect(error?.kind == .corrupted)
            // No tag may name an image whose blobs are not right.
            #expect(!server.requests.contains { $0.method == .PUT && $0.uri.contains("/manifests/") })
        }
    }

    @Test func writeAccessRefused() async throws {
        let server = try await ScriptedServer { _ in .text(.forbidden) }
        try await Fixture().use { fixture in
            let error = await #expect(throws: RegistryError.self) {
                try await fixture.client.checkWriteAccess(reference("\(server.host)/app"))
            }
            #expect(error?.kind == .denied)
        }
    }
}
