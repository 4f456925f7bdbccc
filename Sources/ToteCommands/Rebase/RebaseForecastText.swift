import CNBPlatform
import Diagnostics
import OCIImage

/// What `tote rebase --dry-run` tells people. Most of it is what images say of themselves.
struct RebaseForecastText {
    let lines: [String]

    init(_ outcomes: [RebaseOutcome<[RebaseForecast]>]) {
        var lines: [String] = []
        for case (let place, .success(let forecasts)) in outcomes.map({ ($0.place, $0.result) }) {
            for forecast in forecasts {
                lines.append("\(place) (\(forecast.platform))")
                lines += Self.lines(forecast).map { "  " + $0 }
            }
        }
        self.lines = lines.map { DisplayText.clean($0) }
    }

    private static func lines(_ forecast: RebaseForecast) -> [String] {
        var lines = [
            "stands on:  \(forecast.remembered ?? "?") (\(forecast.rememberedReference))",
            "run image:  \(forecast.base.familiarTagged) (\(forecast.baseDigest.short))",
        ]
        if forecast.isCurrent {
            lines.append("result:     its base is current")
        } else if forecast.refusals.isEmpty {
            lines.append("result:     would be rebased, moving \(formatted(bytes: forecast.bytes))")
        }
        lines += forecast.refusals.map { "refused:    \($0)" }
        lines += forecast.notes.map { "note:       \($0)" }
        guard let packages = forecast.packages else { return lines }
        let counts = [
            (packages.added.count, "added"), (packages.removed.count, "removed"), (packages.upgraded.count, "upgraded"),
            (packages.downgraded.count, "downgraded"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        lines.append("packages:   \(counts.isEmpty ? "the same" : counts.joined(separator: ", "))")
        lines += packages.added.map { "  + \($0.name) \($0.version)" }
        lines += packages.removed.map { "  - \($0.name) \($0.version)" }
        lines += (packages.upgraded + packages.downgraded).map { "  \($0.name) \($0.old) -> \($0.new)" }
        return lines
    }
}
