import CNBPlatform
import CNBSpec
import Diagnostics
import OCIImage

/// What `tote rebase --dry-run` tells programs.
struct RebaseForecastDocument {
    let json: JSONValue

    init(_ outcomes: [RebaseOutcome<[RebaseForecast]>]) {
        let entries = outcomes.flatMap { outcome in
            let name = JSONValue.string("\(outcome.place)")
            switch outcome.result {
            case .success(let forecasts): return forecasts.map { Self.entry(name, $0) }
            case .failure(let fault): return [JSONValue.object(["name": name, "error": .string(fault.message)])]
            }
        }
        json = .object(["images": .array(entries)])
    }

    private static func entry(_ name: JSONValue, _ forecast: RebaseForecast) -> JSONValue {
        var fields: [String: JSONValue] = [
            "name": name,
            "platform": .string("\(forecast.platform)"),
            "base": .object(["name": .string(forecast.remembered ?? ""), "reference": .string(forecast.rememberedReference)]),
            "new_base": .object(["name": .string(forecast.base.familiarTagged), "digest": .string("\(forecast.baseDigest)")]),
            "current": .boolean(forecast.isCurrent),
            "refused": .boolean(!forecast.refusals.isEmpty),
            "reasons": .array(forecast.refusals.map(JSONValue.string)),
            "notes": .array(forecast.notes.map(JSONValue.string)),
            "bytes_to_move": .integer(forecast.bytes),
        ]
        if let packages = forecast.packages {
            fields["packages"] = .object([
                "added": .array(packages.added.map(package)), "removed": .array(packages.removed.map(package)),
                "upgraded": .array(packages.upgraded.map(change)), "downgraded": .array(packages.downgraded.map(change)),
            ])
        }
        return .object(fields)
    }

    private static func package(_ package: PackageChanges.Package) -> JSONValue {
        .object(["name": .string(package.name), "version": .string(package.version)])
    }

    private static func change(_ change: PackageChanges.Change) -> JSONValue {
        .object(["name": .string(change.name), "from": .string(change.old), "to": .string(change.new)])
    }
}
