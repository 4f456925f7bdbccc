import Archive
import AsyncHTTPClient
import Diagnostics
import Glibc
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
    /// `TOTE_STORM=1000` makes it a real one.
    private static let count = getenv("TOTE_STORM").flatMap { Int(String(cString: $0)) } ?? 216

    /// One transfer and what is spoiled in it.
    private struct Trial: Sendable {
        enum Extent: Int, CaseIterable { case once, twice, lasting }

        var number: Int
        var isPush: Bool
        var fault: FaultProxy.Fault
        /// The request that is spoiled, or the first of them. Pulls have five, pushes at least nine.
        var position: Int
        var extent: Extent

        init(_ number: Int) {
            self.number = number
            let faults = FaultProxy.Fault.allCases
            fault = faults[number % faults.count]
            let round = number / faults.count
            isPush = round % 2 == 1
            position = round / 2 % (isPush ? 9 : 5)
            extent = Extent.allCases[round / 2 % 3]
        }

        func strikes(_ request: Int) -> Bool {
            switch extent {
            case .once: request == position
            case .twice: request == position || request == position + 1
            case .lasting: request >= position
            }
        }

        var isExpectedToWork: Bool { fault.isTransient && extent == .once }

        var label: String { "\(number): \(isPush ? "push" : "pull") with \(fault) at request \(position), \(extent)" }
    }

    private struct Outcome: Sendable {
        var trial: Trial
        var error: (any Error)?
        var time: Duration = .zero
        /// Requests that were spoiled.
        var spoiled = 0
        var problems: [String] = []
    }

    /// What the storm shares: the registry, an image in it, and the proxy's own client.
    private struct Sea: Sendable {
        var registry: DockerRegistry
        var image: Image
        var client: HTTPClient
    }

    private func pull(through host: String, _ fixture: Fixture, _ sea: Sea) async throws {
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
        let trial = Trial(number)
        let proxy = try await FaultProxy(to: sea.registry.host, client: sea.client) { trial.strikes($0) ? trial.fault : nil }
        let fixture = try Fixture(silenceLimit: .milliseconds(1500), commitLimit: .seconds(4))
        let start = ContinuousClock.now
        var outcome = Outcome(trial: trial)
        do {
            try await fixture.use { fixture in
                try await trial.isPush ? push(number, through: proxy.host, fixture, sea) : pull(through: proxy.host, fixture, sea)
            }
        } catch {
            outcome.error = error
        }
        outcome.time = ContinuousClock.now - start
        outcome.spoiled = proxy.spoiled
        try await proxy.close()
        outcome.problems = try fixture.store.validate() + fixture.leftovers.map { "left over: \($0)" }
        if trial.isPush, outcome.error != nil {
            do { _ = try await pushed(number, sea) } catch { outcome.problems.append("the tag names half an image: \(error)") }
        }
        return outcome
    }

    @Test(.timeLimit(.minutes(15))) func storm() async throws {
        let sea = try await Fixture().use { fixture in
            let registry = try await DockerRegistry()
            let image = try RandomImage.make(in: fixture.store, layers: 3, size: 100_000)
            _ = try await fixture.client.push(image, to: registry.reference("base:1"), store: fixture.store)
            return Sea(registry: registry, image: image, client: HTTPClient(eventLoopGroupProvider: .singleton))
        }
        let outcomes = try await withThrowingTaskGroup(of: Outcome.self) { group in
            var outcomes: [Outcome] = []
            for number in 0..<Self.count {
                if number >= 8, let outcome = try await group.next() { outcomes.append(outcome) }
                group.addTask { try await one(number, sea) }
            }
            for try await outcome in group { outcomes.append(outcome) }
            return outcomes
        }
        try await sea.client.shutdown()
        for outcome in outcomes {
            let label = outcome.trial.label
            #expect(outcome.problems == [], "\(label)")
            #expect(outcome.time < Self.limit, "\(label)")
            #expect(outcome.spoiled > 0, "\(label): nothing was spoiled")
            guard let error = outcome.error else { continue }
            let text = (error as? any Diagnosable)?.message ?? ""
            #expect(text.contains("127.0.0.1:"), "\(label): \(error)")
            let isJustLate = (error as? RegistryError).map { [.timedOut, .unreachable].contains($0.kind) } ?? false
            #expect(!outcome.trial.isExpectedToWork || isJustLate, "\(label): \(error)")
        }
        #expect(outcomes.count == Self.count)
        // Both ends are really met.
        let failed = outcomes.count { $0.error != nil }
        #expect(failed > Self.count / 8 && failed < Self.count * 3 / 4)
        let longest = outcomes.map(\.time).max() ?? .zero
        print(
            "storm: \(outcomes.count) transfers, \(outcomes.count - failed) with verified bytes, \(failed) with an error, longest \(longest)"
        )
    }
}
