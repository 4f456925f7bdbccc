import CNBSpec

/// Detection by writing down every candidate first (B.6, N.1): the alternatives of an order are products of the alternatives of its
/// elements. The real one walks lazily and shares nothing with this but the rules.
struct BruteForceOrder {
    struct Element {
        var name: String
        var optional = false
        var isExtension = false
    }

    enum Result {
        case pass(PlanSketch)
        case fail
        case error
    }

    enum Outcome: Equatable {
        case detected(buildpacks: [String], extensions: [String])
        case failed(hasErrors: Bool)
        /// A composite contains itself.
        case cycle
    }

    /// One alternative.
    private struct Sequence {
        var elements: [Element] = []
        /// A composite in it contains itself.
        var isEndless = false
        /// Whether its errors do not count in the end, because something optional in it is left out in a later one (N.1, step 2).
        var isForgotten = false

        static func + (head: Sequence, tail: Sequence) -> Sequence {
            Sequence(
                elements: head.elements + tail.elements, isEndless: head.isEndless || tail.isEndless,
                isForgotten: head.isForgotten || tail.isForgotten)
        }
    }

    var order: [[Element]]
    var extensions: [[Element]]
    var composites: [String: [[Element]]]
    var results: [String: Result]

    var outcome: Outcome {
        var hasErrors = false
        for candidate in candidates() {
            if candidate.isEndless { return .cycle }
            let verdict = verdict(candidate.elements)
            guard case .failed(let errors) = verdict else { return verdict }
            hasErrors = hasErrors || errors && !candidate.isForgotten
        }
        return .failed(hasErrors: hasErrors)
    }

    private func candidates() -> [Sequence] {
        // B-32, N.1: the extensions stand in front, and may be left out.
        let fronts = extensions.isEmpty ? [Sequence()] : extensions.map { Sequence(elements: $0, isForgotten: true) } + [Sequence()]
        return order.flatMap { group in product([fronts] + group.map { alternatives($0, inside: []) }) }
    }

    private func alternatives(_ element: Element, inside: [String]) -> [Sequence] {
        guard let groups = composites[element.name] else { return [Sequence(elements: [element])] }
        if inside.contains(element.name) { return [Sequence(isEndless: true)] }
        let inner = groups.flatMap { group in product(group.map { alternatives($0, inside: inside + [element.name]) }) }
        // B-34
        return element.optional ? inner.map { $0 + Sequence(isForgotten: true) } + [Sequence()] : inner
    }

    /// B-33: the leftmost varies slowest.
    private func product(_ parts: [[Sequence]]) -> [Sequence] {
        parts.reduce([Sequence()]) { heads, part in
            heads.flatMap { head in part.map { head + $0 } }
        }
    }

    private func verdict(_ all: [Element]) -> Outcome {
        var seen: Set<String> = []
        let elements = all.filter { seen.insert("\($0.isExtension) \($0.name)").inserted }
        let isOptional = { (element: Element) in element.optional || element.isExtension }
        func result(_ element: Element) -> Result { results[element.name] ?? .fail }
        let passing = elements.compactMap { element -> (Element, PlanSketch)? in
            guard case .pass(var sketch) = result(element) else { return nil }
            (sketch.optional, sketch.isExtension) = (isOptional(element), element.isExtension)
            return (element, sketch)
        }
        let passed = Set(passing.map(\.0.name))
        if elements.contains(where: { !isOptional($0) && !passed.contains($0.name) }) {
            let hasErrors = elements.contains { element in
                if case .error = result(element) { true } else { false }
            }
            return .failed(hasErrors: hasErrors)
        }
        guard passing.contains(where: { !$0.0.isExtension }), let solution = BruteForcePlan.solve(passing.map(\.1)) else {
            return .failed(hasErrors: false)
        }
        let stays = solution.participants.map { passing[$0].0 }
        return .detected(buildpacks: stays.filter { !$0.isExtension }.map(\.name), extensions: stays.filter(\.isExtension).map(\.name))
    }
}
