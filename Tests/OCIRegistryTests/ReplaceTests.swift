import Archive
import AsyncHTTPClient
import OCIImage
import OCIRegistry
import TestSupport
import Testing

/// Images that change where they are, as a rebase does it.
@Suite(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
struct ReplaceTests {
    /// A registry with `app:1` of two layers and `base:2` of one.
    private static func registry() async throws -> (DockerRegistry, app: Image, base: Image) {
        let registry = try await DockerRegistry()
        return try await Fixture().use { fixture in
            let app = try RandomImage.make(in: fixture.store, layers: 2), base = try RandomImage.make(in: fixture.store)
            _ = try await fixture.client.push(app, to: registry.reference("app:1"), store: fixture.store)
            _ = try await fixture.client.push(base, to: registry.reference("base:2"), store: fixture.store)
            return (registry, app, base)
        }
    }

    /// Puts the app on the other base.
    private static func rebase(through host: String, _ fixture: Fixture, _ base: Image) async throws -> Image {
        let name = try reference("\(host)/app:1")
        let found = try #require(try await fixture.client.named(name, store: fixture.store))
        let new = try found.images[0].onBase(base, replacing: 1, created: "1980-01-01T00:00:01Z", blobs: fixture.store) { _ in }
        let from = try reference("\(host)/base:2")
        try await fixture.client.expect(base, at: from)
        try await fixture.client.replace(name, with: found.replacing([new]), store: fixture.store, mountFrom: [from])
        return new
    }

    // F-14
    @Test func noLayerMoves() async throws {
        let (registry, _, base) = try await Self.registry()
        let before = registry.requests("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
        try await Fixture().use { fixture in
            let new = try await Self.rebase(through: registry.host, fixture, base)
            #expect(try await fixture.client.resolve(registry.reference("app:1"))?.digest == new.digest)
            #expect(new.manifest.layers.allSatisfy { !fixture.store.contains($0) })
            // Manifest, config; link, config in two steps, manifest; and the question above.
            #expect(registry.requests("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE") - before == 7)
        }
    }

    /// Whatever breaks, and when: the tag names the old image or a whole new one.
    @Test func brokenOffAnywhere() async throws {
        let (registry, app, base) = try await Self.registry()
        let new = try app.onBase(base, replacing: 1, created: "1980-01-01T00:00:01Z", blobs: app.blobs) { _ in }
        let client = HTTPClient()
        var isDone = false
        for number in 0..<12 where !isDone {
            let proxy = try await FaultProxy(to: registry.host, client: client) { $0 >= number ? .resetAtOnce : nil }
            let attempt = try Fixture(silenceLimit: .seconds(5))
            let rebased = try? await attempt.use { try await Self.rebase(through: proxy.host, $0, base) }
            try await proxy.close()
            isDone = rebased?.digest == new.digest
            let fixture = try Fixture()
            try await fixture.use { fixture in
                let image = try #require(try await fixture.client.image(registry.reference("app:1"), platform: .host, store: fixture.store))
                #expect(image.digest == new.digest || !isDone && image.digest == app.digest)
                for layer in image.manifest.layers { _ = try await image.blobs.blob(layer) }
            }
            #expect(!isDone || number > 4)
        }
        try await client.shutdown()
        #expect(isDone)
    }

    /// A registry that does not link gets the layers, and one that lost some gets them again.
    @Test func layersThatAreNotThere() async throws {
        let (registry, _, _) = try await Self.registry()
        try await Fixture().use { fixture in
            let other = try RandomImage.make(in: fixture.store)
            let name = try registry.reference("app:1"), from = try registry.reference("base:2")
            let found = try #require(try await fixture.client.named(name, store: fixture.store))
            let blobs = LayeredBlobs(fixture.store, over: [other] + found.images)
            let new = try found.images[0].onBase(other, replacing: 1, created: "", blobs: blobs) { _ in }
            // Nothing of it is at `from`.
            try await fixture.client.expect(other, at: from)
            try await fixture.client.replace(name, with: found.replacing([new]), store: fixture.store, mountFrom: [from])
            #expect(try await fixture.client.resolve(name)?.digest == new.digest)
        }
    }

    @Test func namesAndIndexes() async throws {
        let (registry, app, base) = try await Self.registry()
        try await Fixture().use { fixture in
            #expect(try await fixture.client.named(registry.reference("none"), store: fixture.store) == nil)
            let pinned = try registry.reference("app").with(digest: app.digest)
            #expect(try await fixture.client.named(pinned, store: fixture.store)?.digest == app.digest)
            await #expect(throws: (any Error).self) {
                try await fixture.client.replace(pinned, with: .image(app), store: fixture.store, mountFrom: [])
            }
            let all = try registry.reference("app:all")
            let digest = try await fixture.client.push(
                [app, base], asIndex: all, store: fixture.store, mountFrom: [registry.reference("base")])
            let found = try #require(try await fixture.client.named(all, store: fixture.store))
            #expect(found.digest == digest && found.images.map(\.digest) == [app.digest, base.digest])
            let swapped = try found.replacing([base, app])
            try await fixture.client.replace(all, with: swapped, store: fixture.store, mountFrom: [])
            #expect(try await fixture.client.resolve(all)?.digest == swapped.digest)
        }
    }
}
