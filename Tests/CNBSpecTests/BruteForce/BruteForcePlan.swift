import CNBSpec

/// An element with its plan, small enough to try everything: bit n of a set stands for the dependency with that number.
struct PlanSketch {
    struct Option {
        var provides = 0
        var requires = 0
    }

    var isExtension = false
    var optional = false
    var options: [Option] = []
}

/// Plan resolution as a search for sets (B.8), with nothing in common with the real one but the rules.
///
/// In one choice of options a set of elements *holds together* when each thing that one of them requires is provided by one of them at
/// its place or before (B-52), and each thing that one of them provides is required by one of them at its place or after (B-54).
/// The largest set that holds together, and from which only elements that may drop out are missing (B-53, B-55), is what stays.
enum BruteForcePlan {
    struct Solution: Equatable {
        /// Places of the elements that stay.
        var participants: [Int]
        /// By dependency: who provides and how often it is required (B-57).
        var providers: [Int: [Int]]
        var requires: [Int: Int]
    }

    /// Nil when no choice of options works.
    static func solve(_ elements: [PlanSketch]) -> Solution? {
        // B-51: the choices are the numbers whose digits are options, the leftmost the most significant.
        let count = elements.reduce(1) { $0 * $1.options.count }
        for number in 0..<count {
            var choice: [PlanSketch.Option] = []
            var mustStay = 0
            var rest = number
            for (index, element) in elements.enumerated().reversed() {
                let digit = rest % element.options.count
                rest /= element.options.count
                choice.append(element.options[digit])
                if !element.optional || digit < element.options.count - 1 { mustStay |= 1 << index }
            }
            choice.reverse()
            if let set = largestSet(choice, mustStay) { return solution(set, choice) }
        }
        return nil
    }

    private static func largestSet(_ choice: [PlanSketch.Option], _ mustStay: Int) -> Int? {
        let droppable = ((1 << choice.count) - 1) & ~mustStay
        var best = 0
        // Every subset of what may drop out, counted down.
        var subset = droppable
        while true {
            let set = mustStay | subset
            if set.nonzeroBitCount > best.nonzeroBitCount, holdsTogether(set, choice) { best = set }
            // B-56: nothing at all is no solution.
            guard subset > 0 else { return best == 0 ? nil : best }
            subset = (subset - 1) & droppable
        }
    }

    private static func holdsTogether(_ set: Int, _ choice: [PlanSketch.Option]) -> Bool {
        var provided = 0
        for index in choice.indices where set & 1 << index != 0 {
            provided |= choice[index].provides
            if choice[index].requires & ~provided != 0 { return false }
        }
        var required = 0
        for index in choice.indices.reversed() where set & 1 << index != 0 {
            required |= choice[index].requires
            if choice[index].provides & ~required != 0 { return false }
        }
        return true
    }

    private static func solution(_ set: Int, _ choice: [PlanSketch.Option]) -> Solution {
        var solution = Solution(participants: [], providers: [:], requires: [:])
        for index in choice.indices where set & 1 << index != 0 {
            solution.participants.append(index)
            for name in 0..<8 {
                if choice[index].provides & 1 << name != 0 { solution.providers[name, default: []].append(index) }
                if choice[index].requires & 1 << name != 0 { solution.requires[name, default: 0] += 1 }
            }
        }
        return solution
    }
}

extension PlanSketch {
    static let names = ["a", "b", "c", "d", "e", "f", "g", "h"]

    /// The same for the real resolver.
    func participant(_ element: GroupElement) -> PlanParticipant {
        let plans = options.map { option in
            DetectPlan.Option(
                provides: Self.names.indices.filter { option.provides & 1 << $0 != 0 }.map { Self.names[$0] },
                requires: Self.names.indices.filter { option.requires & 1 << $0 != 0 }.map { Requirement(Self.names[$0]) })
        }
        return PlanParticipant(
            element, kind: isExtension ? .extension : .buildpack, optional: optional,
            plan: DetectPlan(plans[0], or: Array(plans.dropFirst())))
    }
}

extension BruteForcePlan.Solution {
    /// What the real resolver says of these elements. Nil when it names what it was not given.
    init?(_ resolution: PlanResolution, of elements: [GroupElement]) {
        self.init(participants: [], providers: [:], requires: [:])
        for participant in resolution.participants {
            guard let index = elements.firstIndex(of: participant.element) else { return nil }
            participants.append(index)
        }
        for entry in resolution.plan.entries {
            guard let first = entry.requires.first, let name = PlanSketch.names.firstIndex(of: first.name),
                entry.requires.allSatisfy({ $0.name == first.name })
            else { return nil }
            providers[name] = entry.providers.compactMap { provider in elements.firstIndex { $0.reference == provider.reference } }
            requires[name] = entry.requires.count
        }
    }
}
