import Archive
import AsyncHTTPClient
import Diagnostics
import NIOPosix
import OCIImage
import OCIRegistry
import Synchronization
import TestSupport
import Testing

/// Pulls and pushes through a proxy that spoils something in each. Every one ends soon: with verified bytes, or with an error that says why.
@Suite(.enabled(if: DockerRegistry.isThere, "docker-registry is not installed"))
struct FaultStormTests {
    private static let limit: Duration = .seconds(60)

    private struct Outcome: Sendable {
        var label: String
        var error: (any Error)?
        var isExpectedToWork: Bool
        var time: Duration
        var problems: [String]
    }

    /// What the storm shares: the registry, an image in it, and the proxy's own client.
    private struct Sea: Sendable {
        var registry: DockerRegistry
        var image: Image
        var client: HTTPClient
    }

    private func pull(_ number: Int, through host: String, _ fixture: Fixture, _ sea: Sea) async throws {
        let found = try await fixture.client.image(reference("\(host)/base:1"), platform: .host, store: fixture.store)
        // A registry may lie about a missing image; nothing can be done about that.
        guard let image = found else { throw Fault("'\(host)/base:1' is missing") }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for layer in image.manifest.layers { group.addTask { _ = try await image.blobs.blob(layer) } }
            try await group.waitForAll()
        }
        guard image.digest == sea.image.digest else { throw TestSetupError("another image: \(image.digest)") }
        for blob in image.manifest.blobs where !fixture.store.contains(blob) { throw TestSetupError("\(blob.digest) is not there") }
    }

    private func push(_ number: Int, through host: String, _ fixture: Fixture, _ sea: Sea) async throws {
        let image = try RandomImage.make(in: fixture.store, layers: 2, size: 60_000)
        let digest = try await fixture.client.push(image, to: reference("\(host)/push-\(number):1"), store: fixture.store)
        guard try await pushed(number, sea) == digest else { throw TestSetupError("what was pushed is not there") }
    }

    /// The digest of what the tag names, all of it read back; nil when there is no tag. A tag never names half an image.
    private func pushed(_ number: Int, _ sea: Sea) async throws -> Digest? {
        try await Fixture().use { fixture in
            let found = try await fixture.client.image(sea.registry.reference("push-\(number):1"), platform: .host, store: fixture.store)
            for layer in found?.manifest.layers ?? [] { _ = try await found?.blobs.blob(layer) }
            return found?.digest
        }
    }

    private func one(_ number: Int, _ sea: Sea) async throws -> Outcome {
        let faults = FaultProxy.Fault.allCases
        let fault = faults[number % faults.count]
        let round = number / faults.count
        let isPush = round % 2 == 1
        let (position, isLasting) = (round / 2, round % 4 == 3)
        let proxy = try await FaultProxy(to: sea.registry.host, client: sea.client) { request in
            request == position || (isLasting && request > position) ? fault : nil
        }
        let fixture = try Fixture(silenceLimit: .milliseconds(1500), commitLimit: .seconds(4))
        let start = ContinuousClock.now
        var outcome = Outcome(
            label: "\(number): \(isPush ? "push" : "pull") with \(fault) at request \(position)\(isLasting ? " and after" : "")",
            error: nil,
            isExpectedToWork: fault.isTransient && !isLasting, time: .zero, problems: [])
        do {
            try await fixture.use { fixture in
                try await isPush ? push(number, through: proxy.host, fixture, sea) : pull(number, through: proxy.host, fixture, sea)
            }
        } catch {
            outcome.error = error
        }
        outcome.time = ContinuousClock.now - start
        try await proxy.close()
        outcome.problems = try fixture.store.validate() + fixture.leftovers.map { "left over: \($0)" }
        if isPush, outcome.error != nil {
            do { _ = try await pushed(number, sea) } catch { outcome.problems.append("the tag names half an image: \(error)") }
        }
        return outcome
    }

    @Test(.timeLimit(.minutes(5))) func storm() async throws {
        let sea = try await Fixture().use { fixture in
            let registry = try await DockerRegistry()
            let image = try RandomImage.make(in: fixture.store, layers: 3, size: 100_000)
            _ = try await fixture.client.push(image, to: registry.reference("base:1"), store: fixture.store)
            return Sea(registry: registry, image: image, client: HTTPClient(eventLoopGroupProvider: .singleton))
        }
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for number in 0..<208 {
                if number >= 8, let outcome = try await group.next() { outcomes.append(outcome) }
                group.addTask { try await one(number, sea) }
            }
            for try await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        try await sea.client.shutdown()
        for outcome in outcomes {
            #expect(outcome.problems == [], "\(outcome.label)")
            #expect(outcome.time < Self.limit, "\(outcome.label)")
            guard let error = outcome.error else { continue }
            let text = (error as? any Diagnosable)?.message ?? ""
            #expect(text.contains("127.0.0.1:"), "\(outcome.label): \(error)")
            let isJustLate = (error as? RegistryError).map { [.timedOut, .unreachable].contains($0.kind) } ?? false
            #expect(!outcome.isExpectedToWork || isJustLate, "\(outcome.label): \(error)")
        }
        #expect(outcomes.count == 208)
        // Both ends are really met.
        #expect(outcomes.count { $0.error == nil } > 60)
        #expect(outcomes.count { $0.error != nil } > 30)
    }
}
