import Diagnostics

/// One run of a `bin/detect`.
package struct DetectResult: Equatable, Sendable {
    package enum Verdict: Equatable, Sendable {
        case pass(DetectPlan)
        /// Status 100: not for this app.
        case fail
        /// Anything else (B-42). `status` is nil when there was none: not executable, killed, an unreadable plan.
        case error(status: Int32?, reason: String)
    }

    package var verdict: Verdict
    /// What it printed, both streams together (B-38).
    package var output: String

    package init(_ verdict: Verdict, output: String = "") {
        self.verdict = verdict
        self.output = output
    }

    /// B-42: the meaning of an exit status; after 0 the plan is read.
    package init(exitStatus: Int32, plan: DocumentSource, kind: ModuleKind, output: String) {
        self.output = output
        switch exitStatus {
        case 0:
            do {
                verdict = .pass(try DetectPlan(reading: plan, kind: kind))
            } catch {
                let place = error.location.map { " (line \($0.line))" } ?? ""
                verdict = .error(status: nil, reason: error.message + place)
            }
        case 100: verdict = .fail
        default: verdict = .error(status: exitStatus, reason: "bin/detect ended with status \(exitStatus)")
        }
    }
}
