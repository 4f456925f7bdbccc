import CNBLifecycle
import CNBPlatform
import CNBSpec

/// What a build says of its layers at its end: which were reused, and why the others were not.
struct LayerSummary {
    private let reports: [LayerReport]

    init(_ reports: [LayerReport]) {
        self.reports = reports
    }

    /// Those of buildpacks and the app, one line each; nothing for a build without any.
    func lines() -> [String] {
        let shown = reports.filter { $0.source != .lifecycle }
        let rows = shown.map { report in
            [
                DisplayText.clean(report.name), Self.text(report.change), formatted(bytes: report.size),
                report.duration < .milliseconds(10) ? "" : Self.text(report.duration),
            ]
        }
        let lines = Table(rows: rows).lines()
        return lines.enumerated().map { ($0.offset == 0 ? "  layers:  " : "           ") + $0.element }
    }

    var json: JSONValue {
        .array(
            reports.map { report in
                var fields: [String: JSONValue] = [
                    "name": .string(report.name), "change": .string(Self.word(report.change)), "size": .integer(report.size),
                    "seconds": .number((Double(report.duration / .milliseconds(1))).rounded() / 1000),
                    "read": .boolean(report.change != .untouched),
                ]
                if case .changed(let files?) = report.change { fields["files"] = .integer(Int64(files)) }
                return .object(fields)
            })
    }

    private static func word(_ change: LayerReport.Change) -> String {
        switch change {
        case .untouched, .same: "reused"
        case .changed: "changed"
        case .new: "new"
        }
    }

    private static func text(_ change: LayerReport.Change) -> String {
        guard case .changed(let files?) = change else { return word(change) }
        return "changed: \(files) \(files == 1 ? "file" : "files")"
    }

    /// `1.2 s`, `45 ms`
    private static func text(_ duration: Duration) -> String {
        let milliseconds = Int((duration / .milliseconds(1)).rounded())
        guard milliseconds >= 1000 else { return "\(milliseconds) ms" }
        return "\(milliseconds / 1000).\(milliseconds % 1000 / 100) s"
    }
}
