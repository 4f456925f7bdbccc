import CNBSpec
import Diagnostics
import Synchronization
import Testing

@Suite("Detection finds what writing down every candidate finds (B.6, N.1)")
struct OrderPropertyTests {
    private typealias Element = BruteForceOrder.Element

    private static func world(_ generator: inout SeededGenerator) -> BruteForceOrder {
        let components = ["a", "b", "c", "d", "e"], composites = ["m", "n", "o"]
        func group(_ generator: inout SeededGenerator, compositesIn names: [String], atMost count: Int) -> [Element] {
            var left = 1
            return (0..<(1 + generator.below(count))).map { _ in
                // One composite in a group at most, so that the number of candidates stays small.
                let isComposite = left > 0 && !names.isEmpty && generator.oneIn(3)
                if isComposite { left -= 1 }
                let pool = isComposite ? names : components
                return Element(name: pool[generator.below(pool.count)], optional: generator.oneIn(3))
            }
        }
        var world = BruteForceOrder(order: [], extensions: [], composites: [:], results: [:])
        for (index, name) in composites.enumerated() {
            // Mostly composites of later ones; sometimes of any, itself too.
            let inner = generator.oneIn(12) ? composites : Array(composites.dropFirst(index + 1))
            world.composites[name] = (0..<(1 + generator.below(2))).map { _ in group(&generator, compositesIn: inner, atMost: 2) }
        }
        for _ in 0..<(1 + generator.below(3)) { world.order.append(group(&generator, compositesIn: composites, atMost: 4)) }
        if generator.oneIn(4) {
            world.extensions = (0..<(1 + generator.below(2))).map { _ in [Element(name: generator.oneIn(2) ? "x" : "y", isExtension: true)]
            }
        }
        for name in components + ["x", "y"] {
            switch generator.below(8) {
            case 0, 1: world.results[name] = .fail
            case 2: world.results[name] = .error
            default: world.results[name] = .pass(sketch(&generator, isExtension: name == "x" || name == "y"))
            }
        }
        return world
    }

    private static func sketch(_ generator: inout SeededGenerator, isExtension: Bool) -> PlanSketch {
        var sketch = PlanSketch()
        for _ in 0..<(generator.oneIn(4) ? 2 : 1) {
            var option = PlanSketch.Option()
            if generator.oneIn(4) { option.provides = 1 << generator.below(2) }
            if !isExtension, generator.oneIn(3) { option.requires = 1 << generator.below(2) }
            sketch.options.append(option)
        }
        return sketch
    }

    /// What the real detection says of the same world; and what it ran more than once.
    private static func detect(_ world: BruteForceOrder) async throws -> (outcome: BruteForceOrder.Outcome, repeated: [String]) {
        func groups(_ groups: [[Element]]) throws -> [OrderGroup] {
            try groups.map { OrderGroup(try $0.map { try element("\($0.name)@1", optional: $0.optional) }) }
        }
        var modules: [DetectionModule] = []
        for name in ["a", "b", "c", "d", "e", "m", "n", "o"] {
            let info = ModuleInfo(api: APIVersion(0, 12), reference: try BuildpackReference("\(name)@1"))
            let descriptor = BuildpackDescriptor(info: info, order: try groups(world.composites[name] ?? []))
            modules.append(DetectionModule(descriptor, hasBuildExecutable: true))
        }
        for name in ["x", "y"] {
            let info = ModuleInfo(api: APIVersion(0, 12), reference: try BuildpackReference("\(name)@1"))
            modules.append(DetectionModule(ExtensionDescriptor(info: info), hasExecutable: true))
        }
        let anyElement = try groupElement("any@1")
        let results = world.results.mapValues { result in
            switch result {
            case .pass(let sketch): DetectResult(.pass(sketch.participant(anyElement).plan))
            case .fail: DetectResult(.fail)
            case .error: DetectResult(.error(status: 1, reason: "status 1"))
            }
        }
        let driver = TableDriver(modules: modules, results: results)
        let request = DetectionRequest(
            order: Order(groups: try groups(world.order), extensionGroups: try groups(world.extensions)), base: TargetTests.debian,
            platformAPI: APIVersion(0, 15))
        let outcome: BruteForceOrder.Outcome
        do {
            switch try await Detection.run(request, driver: driver) {
            case .detected(let found):
                outcome = .detected(buildpacks: found.group.buildpacks.map(\.id.raw), extensions: found.group.extensions.map(\.id.raw))
            case .failed(let failure): outcome = .failed(hasErrors: failure.hasErrors)
            }
        } catch let fault as Fault where fault.message.contains("contains itself") {
            outcome = .cycle
        }
        let runs = driver.runs.withLock { $0 }
        return (outcome, Dictionary(grouping: runs) { $0 }.filter { $0.value.count > 1 }.keys.sorted())
    }

    @Test("10,000 random orders", arguments: 0..<10)
    func agrees(part: Int) async throws {
        var generator = SeededGenerator(seed: 0x6f72_6465 + UInt64(part))
        var seen: [String: Int] = [:]
        for _ in 0..<1_000 {
            let world = Self.world(&generator)
            let expected = world.outcome
            let (found, repeated) = try await Self.detect(world)
            switch expected {
            case .detected: seen["detected", default: 0] += 1
            case .failed(let hasErrors): seen[hasErrors ? "21" : "20", default: 0] += 1
            case .cycle: seen["cycle", default: 0] += 1
            }
            if found != expected || !repeated.isEmpty {
                Issue.record("\(world): expected \(expected), found \(found), ran more than once: \(repeated)")
                return
            }
        }
        // A generator that never makes one of them would show nothing about it.
        for kind in ["detected", "20", "21", "cycle"] { #expect(seen[kind, default: 0] >= 20, "\(kind): \(seen)") }
    }
}
