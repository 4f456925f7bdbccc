import Archive
import FoundationEssentials
import OCIImage
import OCIRegistry
import TestSupport
import Testing

@Suite(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
struct PullTests {
    @Test(arguments: [MediaType.Family.oci, .docker])
    func pushedImageComesBack(family: MediaType.Family) async throws {
        let registry = try await DockerRegistry()
        let name = try registry.reference("team/app:1")
        let sender = try Fixture()
        let image = try RandomImage.make(in: sender.store, layers: 6, size: 300_000, family: family)
        try await sender.use { fixture in
            let digest = try await fixture.client.push(image, to: name, store: fixture.store)
            #expect(digest == image.digest)
        }
        try await Fixture().use { fixture in
            #expect(try await fixture.client.resolve(name) == image.descriptor)
            let pulled = try #require(try await fixture.client.image(name, platform: .host, store: fixture.store))
            #expect(pulled.manifestBytes == image.manifestBytes)
            #expect(pulled.configBytes == image.configBytes)
            // Layers come only when they are asked for.
            #expect(pulled.manifest.layers.allSatisfy { !fixture.store.contains($0) })
            for layer in pulled.manifest.layers {
                let path = try await pulled.blobs.blob(layer)
                #expect(path == fixture.store.path(of: layer.digest))
                #expect(try Digest.of([UInt8](Data(contentsOf: URL(filePath: path)))) == layer.digest)
            }
            #expect(fixture.leftovers.isEmpty)
            // By digest, and by tag and digest (N.6).
            let byDigest = try #require(
                try await fixture.client.image(name.with(digest: image.digest), platform: .host, store: fixture.store))
            #expect(byDigest.digest == image.digest)
            let both = try reference("\(name.full)@\(image.digest)")
            #expect(try await fixture.client.resolve(both)?.digest == image.digest)
        }
    }

    @Test func missingImages() async throws {
        let registry = try await DockerRegistry()
        try await Fixture().use { fixture in
            #expect(try await fixture.client.resolve(registry.reference("none:1")) == nil)
            #expect(try await fixture.client.image(registry.reference("none:1"), platform: .host, store: fixture.store) == nil)
            // N.7: a missing image is no failure of access.
            #expect(try await fixture.client.checkReadAccess(registry.reference("none:1")) == false)
            try await fixture.client.checkWriteAccess(registry.reference("none:1"))
            #expect(registry.requests("DELETE", containing: "/uploads/") == 1)
        }
    }

    @Test func manyReadersShareOneDownload() async throws {
        let registry = try await DockerRegistry()
        let name = try registry.reference("app:1")
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, layers: 1, size: 8 << 20)
            _ = try await fixture.client.push(image, to: name, store: fixture.store)
        }
        try await Fixture().use { fixture in
            let image = try #require(try await fixture.client.image(name, platform: .host, store: fixture.store))
            let layer = image.manifest.layers[0]
            let before = registry.requests("GET", containing: "/blobs/")
            let paths = try await withThrowingTaskGroup(of: String.self) { group in
                for _ in 0..<20 { group.addTask { try await image.blobs.blob(layer) } }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(paths == [fixture.store.path(of: layer.digest)])
            #expect(registry.requests("GET", containing: "/blobs/") - before == 1)
        }
    }

    // L-11: reads prefer the mirror, pushes never go there.
    @Test func mirrorServesDockerHub() async throws {
        let registry = try await DockerRegistry()
        let image = try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, layers: 2)
            _ = try await fixture.client.push(image, to: registry.reference("hub/heroku/builder:24"), store: fixture.store)
            return image
        }
        try await Fixture(mirrors: ["docker.io": "\(registry.host)/hub"]).use { fixture in
            let pulled = try #require(try await fixture.client.image(reference("heroku/builder:24"), platform: .host, store: fixture.store))
            #expect(pulled.digest == image.digest)
            _ = try await pulled.blobs.blob(pulled.manifest.layers[0])
        }
    }

    @Test func mirrorThatLacksTheImageOrIsGone() async throws {
        let registry = try await DockerRegistry()
        let other = try await DockerRegistry()
        let name = try registry.reference("app:1")
        let image = try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, layers: 2)
            _ = try await fixture.client.push(image, to: name, store: fixture.store)
            return image
        }
        // Port 1 refuses connections.
        for mirror in [other.host, "127.0.0.1:1"] {
            try await Fixture(mirrors: ["*": mirror]).use { fixture in
                let pulled = try #require(try await fixture.client.image(name, platform: .host, store: fixture.store))
                #expect(pulled.digest == image.digest)
                _ = try await pulled.blobs.blob(pulled.manifest.layers[0])
                #expect(fixture.events.contains { if case .mirrorPassedOver(mirror, _) = $0 { true } else { false } })
                // A push does not even look at the mirror.
                _ = try await fixture.client.push(image, to: name.with(tag: "2"), store: fixture.store)
            }
        }
        #expect(other.requests("POST", "PUT") == 0)
    }
}
