import Archive
import OCIImage
import OCIRegistry
import TestSupport
import Testing

@Suite(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
struct PushTests {
    @Test func nothingIsSentTwice() async throws {
        let registry = try await DockerRegistry()
        let name = try registry.reference("app:1")
        let first = try Fixture()
        let image = try RandomImage.make(in: first.store, layers: 3)
        try await first.use { fixture in
            _ = try await fixture.client.push(image, to: name, additionalTags: ["2", "3"], store: fixture.store)
            #expect(registry.requests("POST", containing: "/uploads/") == 4)
            #expect(registry.requests("PUT", containing: "/manifests/") == 3)
            #expect(try await fixture.client.resolve(name.with(tag: "3"))?.digest == image.digest)
        }
        // Another client, which remembers nothing: an unchanged tag costs one request.
        let second = try Fixture()
        try await second.use { fixture in
            let before = registry.requests("GET", "HEAD", "POST", "PUT")
            _ = try await fixture.client.push(image, to: name, store: first.store)
            #expect(registry.requests("GET", "HEAD", "POST", "PUT") - before == 1)
            // One new layer on top of the pushed image, whose other layers exist in the registry only.
            let previous = try #require(try await fixture.client.image(name, platform: .host, store: fixture.store))
            let layer = try RandomImage.layer(in: fixture.store, name: "new", size: 100)
            let changed = try previous.appending([NewLayer(layer, history: History())])
            let uploads = registry.requests("POST", containing: "/uploads/")
            let heads = registry.requests("HEAD", containing: "/blobs/")
            _ = try await fixture.client.push(changed, to: name, store: fixture.store)
            // The layer and the config; the others are known from the manifest that was just read.
            #expect(registry.requests("POST", containing: "/uploads/") - uploads == 2)
            #expect(registry.requests("HEAD", containing: "/blobs/") - heads == 2)
            #expect(fixture.events.count { if case .alreadyThere = $0 { true } else { false } } == 3)
            #expect(!previous.manifest.layers.contains { fixture.store.contains($0) })
        }
    }

    @Test func runImageLayersAreMounted() async throws {
        let registry = try await DockerRegistry()
        let run = try registry.reference("base/run:1")
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, layers: 2)
            _ = try await fixture.client.push(image, to: run, store: fixture.store)
        }
        try await Fixture().use { fixture in
            let base = try #require(try await fixture.client.image(run, platform: .host, store: fixture.store))
            let layer = try RandomImage.layer(in: fixture.store, name: "app", size: 100)
            let app = try base.appending([NewLayer(layer, history: History())])
            _ = try await fixture.client.push(
                app, to: registry.reference("team/app"), store: fixture.store, mountFrom: [run, reference("ghcr.io/other/registry")])
            let mounted = fixture.events.filter { if case .mounted(_, _, from: "base/run") = $0 { true } else { false } }
            #expect(mounted.count == 2)
            #expect(!base.manifest.layers.contains { fixture.store.contains($0) })
            #expect(try await fixture.client.resolve(registry.reference("team/app"))?.digest == app.digest)
        }
    }

    /// The run image lies in another registry, so its layers travel through the store.
    @Test func layersComeFromAnotherRegistry() async throws {
        let source = try await DockerRegistry()
        let target = try await DockerRegistry()
        let run = try source.reference("run:1")
        try await Fixture().use { fixture in
            _ = try await fixture.client.push(RandomImage.make(in: fixture.store, layers: 2), to: run, store: fixture.store)
        }
        try await Fixture().use { fixture in
            let image = try #require(try await fixture.client.image(run, platform: .host, store: fixture.store))
            _ = try await fixture.client.push(image, to: target.reference("app"), store: fixture.store, mountFrom: [run])
            #expect(try await fixture.client.resolve(target.reference("app"))?.digest == image.digest)
        }
    }

    /// What the client remembers may be gone: it looks again instead of failing.
    @Test func registryThatLostItsBlobs() async throws {
        let registry = try await DockerRegistry()
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, layers: 2)
            let name = try registry.reference("app:1")
            _ = try await fixture.client.push(image, to: name, store: fixture.store)
            try registry.loseBlobs()
            let config = try image.with(
                config: {
                    var config = image.config; config.author = "someone"; return config
                }())
            _ = try await fixture.client.push(config, to: name.with(tag: "2"), store: fixture.store)
            #expect(try await fixture.client.resolve(name.with(tag: "2"))?.digest == config.digest)
        }
    }

    @Test func digestsCannotBePushedTo() async throws {
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store)
            await #expect(throws: (any Error).self) {
                try await fixture.client.push(image, to: reference("localhost:1/x@\(image.digest)"), store: fixture.store)
            }
        }
    }

    @Test func largeLayerInPieces() async throws {
        let registry = try await DockerRegistry()
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, size: 9_000_001)
            _ = try await fixture.client.push(image, to: registry.reference("big"), store: fixture.store)
            let layer = image.manifest.layers[0]
            #expect(fixture.events.contains(.uploading(layer.digest, sent: layer.size, of: layer.size)))
            #expect(fixture.events.contains(.uploaded(layer.digest, size: layer.size)))
        }
    }
}
