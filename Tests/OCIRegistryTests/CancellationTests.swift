import Archive
import NIOHTTP1
import OCIImage
import TestSupport
import Testing

@testable import OCIRegistry

@Suite struct CancellationTests {
    /// Serves the image, but its layer begins and never ends.
    private func server(_ served: ServedImage) async throws -> ScriptedServer {
        try await ScriptedServer { request in
            guard request.uri.hasSuffix("\(served.layerDescriptor.digest)") else { return served.answer(request) ?? .text(.notFound) }
            return ScriptedServer.Answer(body: Array(served.layer.prefix(100)), announcedSize: served.layer.count, stalls: true)
        }
    }

    @Test func downloadStopsAtOnce() async throws {
        let served = try ServedImage()
        let server = try await server(served)
        try await Fixture().use { fixture in
            let found = try await fixture.client.image(reference("\(server.host)/app"), platform: linux, store: fixture.store)
            let image = try #require(found)
            let task = Task { try await image.blobs.blob(served.layerDescriptor) }
            while fixture.leftovers.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(20))
            // The transfer behind it ends too, and cleans up.
            while !fixture.leftovers.isEmpty, ContinuousClock.now - start < .seconds(5) { try await Task.sleep(for: .milliseconds(5)) }
            #expect(fixture.leftovers.isEmpty)
        }
    }

    @Test func oneWhoLeavesDoesNotDisturbTheOthers() async throws {
        let downloads = SharedWork<String>()
        let gate = AsyncStream<Void>.makeStream()
        let runs = RunCount()
        @Sendable func download() async throws -> String {
            await runs.increase()
            for await _ in gate.stream { break }
            try Task.checkCancellation()
            return "path"
        }
        let leaver = Task { try await downloads.value(of: "x", work: download) }
        let stayer = Task { try await downloads.value(of: "x", work: download) }
        while await runs.count == 0 { await Task.yield() }
        leaver.cancel()
        await #expect(throws: CancellationError.self) { try await leaver.value }
        gate.continuation.yield()
        #expect(try await stayer.value == "path")
        // What is over is over: the next one begins anew.
        gate.continuation.finish()
        _ = try await downloads.value(of: "x", work: download)
        #expect(await runs.count >= 2)
    }

    private actor RunCount {
        private(set) var count = 0
        func increase() { count += 1 }
    }

    @Test func uploadStopsAtOnce() async throws {
        // Nobody answers the upload.
        let server = try await ScriptedServer { request in
            switch request.method {
            case .POST: .text(.accepted, headers: [("Location", "/upload")])
            case .PUT: ScriptedServer.Answer(announcedSize: 10, stalls: true)
            default: .text(.notFound)
            }
        }
        try await Fixture().use { fixture in
            let image = try RandomImage.make(in: fixture.store, size: 2 << 20)
            let task = Task { try await fixture.client.push(image, to: reference("\(server.host)/app"), store: fixture.store) }
            while !server.requests.contains(where: { $0.method == .PUT }) { try await Task.sleep(for: .milliseconds(5)) }
            let start = ContinuousClock.now
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(ContinuousClock.now - start < .seconds(20))
        }
    }

    @Test func slotsAreGivenBack() async throws {
        let slots = TransferSlots(1)
        let gate = AsyncStream<Void>.makeStream()
        let holder = Task {
            try await slots.withSlot {
                for await _ in gate.stream { break }
            }
        }
        try await Task.sleep(for: .milliseconds(20))
        let waiter = Task { try await slots.withSlot {} }
        try await Task.sleep(for: .milliseconds(20))
        waiter.cancel()
        await #expect(throws: CancellationError.self) { try await waiter.value }
        gate.continuation.yield()
        try await holder.value
        try await slots.withSlot {}
    }
}
