package import Diagnostics

/// A group was found.
package struct Detected: Equatable, Sendable {
    package var group: Group
    package var plan: BuildPlan
    /// Who takes part, in order, extensions included.
    package var participants: [GroupElement]
    /// The winning candidate with the elements that dropped out.
    package var candidate: CandidateReport
    /// The candidates tried before, with why they were not taken.
    package var rejected: [CandidateReport]

    /// B-46: `2 of 6 buildpacks participating` when some dropped out, then id and version of each in columns.
    package var summaryLines: [String] {
        let total = candidate.elements.count
        let width = participants.map(\.id.raw.count).max() ?? 0
        let rows = participants.map { element in
            element.id.raw + String(repeating: " ", count: width - element.id.raw.count) + " \(element.version)"
        }
        return (total == participants.count ? [] : ["\(participants.count) of \(total) buildpacks participating"]) + rows
    }
}

/// No group passed.
package struct DetectionFailure: Equatable, Sendable {
    package var candidates: [CandidateReport]
    /// Whether a buildpack error was the cause (status 21, not 20).
    package var hasErrors: Bool

    package var status: ExitStatus { hasErrors ? .detectionErrors : .nothingDetected }

    /// The messages that the reference prints (B-45).
    package var summaryLines: [String] {
        let first = "No buildpack groups passed detection."
        return hasErrors ? [first] : [first, "Please check that you are running against the correct path."]
    }

    package var fault: Fault {
        Fault(
            (["no buildpack group passed detection"] + reasonLines).joined(separator: "\n"),
            hint: hasErrors ? "a buildpack's bin/detect failed: see its output" : "check that the path is the app's folder",
            exitCode: status.rawValue)
    }

    /// Why each candidate was not taken. Composites can make many candidates of one group: those next to each other with one reason
    /// share a line.
    private var reasonLines: [String] {
        var lines: [String] = []
        var start = 0
        while start < candidates.count {
            let reason = candidates[start].reason ?? ""
            let end = candidates[start...].firstIndex { $0.reason != reason } ?? candidates.count
            let names = candidates[start].names
            let place = end == start + 1 ? "group \(start + 1)" + (names.isEmpty ? "" : " (\(names))") : "groups \(start + 1) to \(end)"
            lines.append("\(place): \(reason)")
            start = end
        }
        return lines
    }
}

package enum DetectionOutcome: Equatable, Sendable {
    case detected(Detected)
    case failed(DetectionFailure)
}
