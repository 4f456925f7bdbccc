import Archive
import Diagnostics
import OCIImage
import TestSupport
import Testing

@testable import DockerEngine

/// With the daemons themselves. A missing one skips its tests, except in CI.
@Suite(.serialized) struct RealDaemonTests {
    private let fixture: DockerFixture
    private let app: Reference

    init() throws {
        fixture = try DockerFixture()
        app = try Reference(parsing: "app")
    }

    /// A client of a fresh daemon, once that answers.
    private func use(_ kind: RealDaemon.Kind, _ body: (DockerClient, RealDaemon) async throws -> Void) async throws {
        let daemon = try RealDaemon(kind)
        let deadline = ContinuousClock.now + .seconds(60)
        while true {
            do {
                return try await fixture.client(at: daemon.socket) { try await body($0, daemon) }
            } catch let error as DockerError where error.kind == .unreachable && ContinuousClock.now < deadline {
                try await Task.sleep(for: .milliseconds(50))
            } catch {
                Issue.record("\(kind) logged: \(daemon.log.suffix(4000))")
                throw error
            }
        }
    }

    @Test(.enabled(if: RealDaemon.isThere(.dockerd), "dockerd is not installed, or this is not root"))
    func wholeLifeOnDocker() async throws { try await wholeLife(.dockerd) }

    @Test(.enabled(if: RealDaemon.isThere(.podman), "podman is not installed, or this is not root"))
    func wholeLifeOnPodman() async throws { try await wholeLife(.podman) }

    private func wholeLife(_ kind: RealDaemon.Kind) async throws {
        try await use(kind) { client, _ in
            #expect(client.daemon.product == (kind == .dockerd ? .docker : .podman))
            #expect(try await client.list().isEmpty)
            #expect(try await client.inspect(app) == nil)
            let base = try RandomImage.make(in: fixture.store, layers: 2, size: 3 << 20)
            let id = base.manifest.config.digest
            let first = try await client.load(base, as: [app, Reference(parsing: "ghcr.io/acme/app:1")])
            #expect(first.id == id)
            #expect(first.layersKept == 0)
            #expect(first.bytesSent > 6 << 20)
            #expect(try await client.inspect(Reference(parsing: "ghcr.io/acme/app:1"))?.id == id)
            #expect(try await client.inspect(app)?.diffIDs == base.config.diffIDs)

            // The next build: the same base, one more layer. Its size alone must go to a classic store.
            let new = try RandomImage.layer(in: fixture.store, name: "new", size: 20_000)
            let next = try base.appending([NewLayer(new, history: History(createdBy: "test"))])
            let second = try await client.load(next, as: [app])
            #expect(second.id == next.manifest.config.digest)
            #expect(try await client.inspect(app)?.diffIDs == next.config.diffIDs)
            if kind == .dockerd {
                #expect(second.layersKept == 2)
                #expect(second.bytesSent < 40_000)
            }
            // An image that is there needs a name only.
            #expect(try await client.load(base, as: [app]) == DockerLoad(id: id, bytesSent: 0, layersKept: 2))
            #expect(try await client.inspect(app)?.id == id)
            #expect(try await client.load(next, as: [app]).bytesSent == 0)

            // Back from the daemon, into another store, with the same id.
            let elsewhere = try ImageStore(at: fixture.scratch.path("elsewhere"))
            let found = try #require(try await client.image(app, store: elsewhere, memory: fixture.memory))
            #expect(found.configBytes == next.configBytes)
            #expect(found.manifest.layers.allSatisfy(elsewhere.contains))
            #expect(try elsewhere.validate().isEmpty)
            #expect(try await client.image(app, store: elsewhere, memory: fixture.memory)?.digest == found.digest)
            #expect(fixture.events.count { if case .received = $0 { true } else { false } } == 1)

            #expect(try await client.remove(app, force: true))
            #expect(try await client.inspect(app) == nil)
            #expect(try await client.remove(app) == false)
        }
    }

    /// Layers that seemed to be there and are not: the daemon refuses, and gets everything.
    @Test(.enabled(if: RealDaemon.isThere(.dockerd), "dockerd is not installed, or this is not root"))
    func refusesLayersThatItLacks() async throws {
        try await use(.dockerd) { client, _ in
            let image = try RandomImage.make(in: fixture.store, layers: 2)
            let thin = try await DockerArchive.docker(image, names: [app], leavingOut: 2)
            let error = try await #require(throws: DockerError.self) { try await client.send(thin) }
            #expect(error.kind == .rejected)
            #expect(error.message.contains("the daemon refused the image: "), "\(error.message)")
            #expect(try await client.inspect(app) == nil)
            #expect(try await client.load(image, as: [app]).layersKept == 0)
        }
    }

    @Test(
        .enabled(
            if: RealDaemon.isThere(.dockerd) && Peer.isThere("docker") && Peer.isThere("/bin/busybox") && Peer.isThere("/bin/bash-static"),
            "dockerd, docker, busybox-static or bash-static is not installed, or this is not root"))
    func dockerRunsWhatItGot() async throws {
        try await use(.dockerd) { client, daemon in
            try TinyBase.put(in: fixture.store)
            let run = try #require(try fixture.store.image(Reference(parsing: "tiny-run")))
            _ = try await client.load(run, as: [Reference(parsing: "tiny-run")])
            var config = run.config
            config.settings.command = ["/bin/sh", "-c", "echo $GREETING; cat /etc/tiny-run"]
            config.settings.setEnvironment("GREETING", "hello")
            let image = try run.with(config: config)
            let load = try await client.load(image, as: [app], relatives: [Reference(parsing: "tiny-run")])
            #expect(load.layersKept == run.layers.count)
            #expect(load.bytesSent < 10_000)
            let result = try await Program(["docker", "-H", "unix://\(daemon.socket)", "run", "--rm", "--network", "none", "app"]).run()
            #expect(result.out == "hello\nrun\n", "\(result)")
        }
    }
}
