/// An element that passed, with its plan.
package struct PlanParticipant: Equatable, Sendable {
    package var element: GroupElement
    package var kind: ModuleKind
    package var optional: Bool
    package var plan: DetectPlan

    package init(_ element: GroupElement, kind: ModuleKind = .buildpack, optional: Bool = false, plan: DetectPlan = DetectPlan()) {
        self.element = element
        self.kind = kind
        self.optional = optional
        self.plan = plan
    }
}

/// Why the plans of a group do not fit together.
package enum PlanConflict: Error, Equatable, Sendable {
    /// Nothing before it, nor the element itself, provides what it requires (B-53). `behind` is an element that does, too late.
    case unmet(requires: String, by: GroupElement, behind: GroupElement? = nil)
    /// Nothing after it, nor the element itself, requires what it provides (B-54).
    case unused(provides: String, by: GroupElement)
    /// Every element dropped out (B-56).
    case empty

    package var message: String {
        switch self {
        case .unmet(let name, let element, nil): "'\(element)' requires '\(name)', which no buildpack before it provides"
        case .unmet(let name, let element, let later?): "'\(element)' requires '\(name)', which only '\(later)' behind it provides"
        case .unused(let name, let element): "'\(element)' provides '\(name)', which no buildpack after it requires"
        case .empty: "no buildpack of the group is left after resolving their plans"
        }
    }
}

/// The choice of plan options that works, and what follows from it.
package struct PlanResolution: Equatable, Sendable {
    /// The elements that stay, in order.
    package var participants: [PlanParticipant]
    /// Sorted by dependency name.
    package var plan: BuildPlan

    /// Tries the options of the elements, the leftmost varying slowest, until one trial works (B.8). Throws the conflict of the last trial.
    package init(_ elements: [PlanParticipant]) throws(PlanConflict) {
        var chosen: [Choice] = []
        var conflict = PlanConflict.empty
        guard let found = Self.search(elements[...], &chosen, &conflict) else { throw Self.explained(conflict, elements) }
        self = found
    }

    /// With the element that provides what is unmet, if there is one.
    private static func explained(_ conflict: PlanConflict, _ elements: [PlanParticipant]) -> PlanConflict {
        guard case .unmet(let name, let element, _) = conflict,
            let place = elements.firstIndex(where: { $0.element == element && $0.kind == .buildpack })
        else { return conflict }
        let later = elements[(place + 1)...].first { $0.plan.options.contains { $0.provides.contains(name) } }
        return .unmet(requires: name, by: element, behind: later?.element)
    }

    /// One element with one of its options.
    private struct Choice {
        var participant: PlanParticipant
        var option: DetectPlan.Option
        /// B-55: an optional element may drop out only with its last option.
        var droppable: Bool
    }

    private static func search(
        _ elements: ArraySlice<PlanParticipant>, _ chosen: inout [Choice], _ conflict: inout PlanConflict
    ) -> PlanResolution? {
        guard let next = elements.first else {
            do {
                return try trial(chosen)
            } catch {
                conflict = error
                return nil
            }
        }
        let options = next.plan.options
        for (index, option) in options.enumerated() {
            let choice = Choice(participant: next, option: option, droppable: next.optional && index == options.count - 1)
            // A required element whose need nobody so far can meet fails in every trial that begins like this one.
            if let name = unmetName(choice, after: chosen) {
                conflict = .unmet(requires: name, by: next.element)
                continue
            }
            chosen.append(choice)
            defer { chosen.removeLast() }
            if let found = search(elements.dropFirst(), &chosen, &conflict) { return found }
        }
        return nil
    }

    private static func unmetName(_ choice: Choice, after chosen: [Choice]) -> String? {
        guard !choice.droppable else { return nil }
        return choice.option.requires.first { requirement in
            !choice.option.provides.contains(requirement.name) && !chosen.contains { $0.option.provides.contains(requirement.name) }
        }?.name
    }

    /// Drops optional elements whose needs are unmet or whose offers are unused until nothing changes. Which ones drop does not depend on
    /// the order: dropping one never makes another's needs met or its offers used.
    private static func trial(_ choices: [Choice]) throws(PlanConflict) -> PlanResolution {
        var remaining = choices
        while true {
            let table = DependencyTable(remaining.map { ($0.participant, $0.option) })
            guard !remaining.isEmpty else { throw .empty }
            var dropped: Set<Int> = []
            for (index, name) in table.unmet {
                guard remaining[index].droppable else { throw .unmet(requires: name, by: remaining[index].participant.element) }
                dropped.insert(index)
            }
            for (index, name) in table.unused where !dropped.contains(index) {
                guard remaining[index].droppable else { throw .unused(provides: name, by: remaining[index].participant.element) }
                dropped.insert(index)
            }
            guard !dropped.isEmpty else {
                return PlanResolution(participants: remaining.map(\.participant), plan: table.plan)
            }
            remaining = remaining.enumerated().filter { !dropped.contains($0.offset) }.map(\.element)
        }
    }

    private init(participants: [PlanParticipant], plan: BuildPlan) {
        self.participants = participants
        self.plan = plan
    }
}

/// Who provides and who requires each name, for one list of elements with chosen options (B-52).
private struct DependencyTable {
    private struct Entry {
        var matched: [Int] = []
        var pending: [Int] = []
        var requires: [Requirement] = []
    }

    private let providers: [Provider]
    private var entries: [String: Entry] = [:]
    private(set) var unmet: [(index: Int, name: String)] = []

    init(_ elements: [(participant: PlanParticipant, option: DetectPlan.Option)]) {
        providers = elements.map { Provider($0.participant.element.reference, kind: $0.participant.kind) }
        for (index, element) in elements.enumerated() {
            for name in element.option.provides { entries[name, default: Entry()].pending.append(index) }
            for requirement in element.option.requires { require(requirement, index) }
        }
    }

    private mutating func require(_ requirement: Requirement, _ index: Int) {
        var entry = entries[requirement.name] ?? Entry()
        entry.matched += entry.pending
        entry.pending = []
        if entry.matched.isEmpty {
            unmet.append((index, requirement.name))
        } else {
            entry.requires.append(requirement)
        }
        entries[requirement.name] = entry
    }

    var unused: [(index: Int, name: String)] {
        entries.flatMap { name, entry in entry.pending.map { (index: $0, name: name) } }.sorted {
            ($0.index, $0.name) < ($1.index, $1.name)
        }
    }

    /// B-57. Entries without a requirement are left out.
    var plan: BuildPlan {
        BuildPlan(
            entries: entries.sorted { $0.key < $1.key }.filter { !$0.value.requires.isEmpty }.map { _, entry in
                BuildPlan.Entry(providers: entry.matched.map { providers[$0] }, requires: entry.requires)
            })
    }
}
