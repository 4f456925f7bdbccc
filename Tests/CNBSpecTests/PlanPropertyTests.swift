import CNBSpec
import Glibc
import Testing

@Suite("Plan resolution is what a search through everything finds (B.8)")
struct PlanPropertyTests {
    private static let seed: UInt64 = 0x746f_7465

    private static func sketches(_ generator: inout SeededGenerator) -> [PlanSketch] {
        let names = 1 + generator.below(3)
        return (0..<(1 + generator.below(6))).map { _ in
            // B-58: extensions are always optional and never require.
            let isExtension = generator.oneIn(8)
            var sketch = PlanSketch(isExtension: isExtension, optional: isExtension || generator.oneIn(3))
            // Few alternatives, since all combinations are tried.
            let count = generator.oneIn(3) ? 2 + generator.below(2) : 1
            for _ in 0..<count {
                var option = PlanSketch.Option()
                for name in 0..<names {
                    switch generator.below(isExtension ? 4 : 7) {
                    case 0: option.provides |= 1 << name
                    case 4, 5: option.requires |= 1 << name
                    case 6:
                        option.provides |= 1 << name
                        option.requires |= 1 << name
                    default: break
                    }
                }
                sketch.options.append(option)
            }
            return sketch
        }
    }

    @Test("100,000 random groups; a tenth of them with TOTE_FAST_TESTS", arguments: 0..<(getenv("TOTE_FAST_TESTS") == nil ? 10 : 1))
    func agrees(part: Int) throws {
        var generator = SeededGenerator(seed: Self.seed + UInt64(part))
        let elements = try (0..<6).map { try groupElement("p\($0)@1") }
        var passed = 0
        for _ in 0..<10_000 {
            let sketches = Self.sketches(&generator)
            let expected = BruteForcePlan.solve(sketches)
            let participants = sketches.indices.map { sketches[$0].participant(elements[$0]) }
            let resolution = try? PlanResolution(participants)
            let found = resolution.flatMap { BruteForcePlan.Solution($0, of: elements) }
            if expected != nil { passed += 1 }
            // A macro's expression for each would take longer than the search.
            if found != expected || (resolution == nil) != (expected == nil) {
                Issue.record("\(sketches): expected \(String(describing: expected)), found \(String(describing: resolution))")
                return
            }
        }
        // Groups of which most fail, or most pass, would show little.
        #expect((2_000..<8_000).contains(passed), "\(passed) of 10,000 groups pass")
    }
}
