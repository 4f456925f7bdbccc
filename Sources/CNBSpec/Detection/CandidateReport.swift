/// How one element of a candidate group did.
package struct ElementReport: Equatable, Sendable {
    package enum Outcome: Equatable, Sendable {
        case passed
        case failed
        case errored(status: Int32?, reason: String)
        /// Not run: it works on other systems (B-19, B-20).
        case wrongTarget(reason: String)
    }

    package var element: GroupElement
    package var kind: ModuleKind
    package var optional: Bool
    package var outcome: Outcome
    package var output: String

    /// B-19: an element that must take part and cannot run here counts as an error, an optional one as a "no".
    package var isError: Bool {
        switch outcome {
        case .passed, .failed: false
        case .errored: true
        case .wrongTarget: !optional
        }
    }
}

/// One group that detection tried, after composites were resolved.
package struct CandidateReport: Equatable, Sendable {
    package enum Rejection: Equatable, Sendable {
        /// Required elements that did not pass.
        case elements([GroupElement])
        /// Nothing but extensions, or nothing at all, passed.
        case noBuildpack
        /// The elements passed but their plans do not fit together.
        case plan(PlanConflict)
    }

    package var elements: [ElementReport]
    /// Elements left out because they are for other execution environments (B-49).
    package var skipped: [OrderElement]
    /// Nil for the group that won.
    package var rejection: Rejection?

    /// B-45: whether this failure makes the final status 21.
    package var hasErrors: Bool {
        guard case .elements? = rejection else { return false }
        return elements.contains { $0.isError }
    }

    /// Why the group was not taken, in one line.
    package var reason: String? {
        switch rejection {
        case nil: nil
        case .plan(let conflict): conflict.message
        // An optional element that failed is why the status is 21.
        case .elements(let failing):
            elements.filter { failing.contains($0.element) || $0.isError }.map(\.verdictText).joined(separator: "; ")
        case .noBuildpack:
            elements.isEmpty && skipped.isEmpty
                ? "it is empty"
                : "no buildpack of the group passed: "
                    + (elements.filter { $0.kind == .buildpack || $0.outcome != .passed }.map(\.verdictText)
                    + skipped.map { "'\($0)' is for other execution environments" }).joined(separator: "; ")
        }
    }

    /// The buildpacks of the group, of many the first.
    var names: String {
        let limit = 4
        let all = elements.map(\.element.id.raw) + skipped.map(\.id.raw)
        return all.prefix(limit).joined(separator: ", ") + (all.count > limit ? " and \(all.count - limit) more" : "")
    }
}

extension ElementReport {
    /// `kit/a@1.0.0 failed with status 1`
    package var verdictText: String {
        switch outcome {
        case .passed: "'\(element)' passed"
        case .failed: "'\(element)' did not detect anything to do"
        case .errored(_, let reason), .wrongTarget(let reason): "'\(element)': \(reason)"
        }
    }

    /// The line of the reference's log: `pass: a@1`, `skip: …`, `fail: …`, `err:  a@1 (7)` (B-46).
    package var logLine: String {
        switch outcome {
        case .passed: "pass: \(element)"
        case .failed: "\(optional ? "skip" : "fail"): \(element)"
        case .errored(let status, _): "err:  \(element)" + (status.map { " (\($0))" } ?? "")
        case .wrongTarget: "\(optional ? "skip: " : "err:  ")\(element)"
        }
    }
}
