import CNBPlatform
import CNBSpec

/// What `tote detect` prints, for people and for scripts.
struct DetectionDocument: Encodable {
    struct Module: Encodable {
        var id: String
        var version: String
        var api: String
        var homepage: String?
        /// Names of the plan.
        var provides: [String]
    }

    struct Entry: Encodable {
        var name: String
        /// `id@version`
        var providers: [String]
        /// The metadata of each requirement.
        var requires: [JSONValue]
    }

    struct Layer: Encodable {
        var buildpack: String
        var layer: String
        /// `data`, `metadata`, `removed` or `nothing`
        var restored: String
        var reason: String?
    }

    var builder: String
    var runImage: String
    var group: [Module]
    var groupExtensions: [Module]
    var plan: [Entry]
    var layers: [Layer]
    /// Why the groups before this one were not taken.
    var rejected: [String]

    enum CodingKeys: String, CodingKey {
        case builder
        case runImage = "run-image"
        case group
        case groupExtensions = "group-extensions"
        case plan, layers, rejected
    }

    init(_ report: DetectionReport) {
        builder = report.builder
        runImage = report.runImage
        let entries = report.detected.plan.entries
        func module(_ element: GroupElement, _ kind: ModuleKind) -> Module {
            let provides = entries.filter { $0.providers.contains(Provider(element.reference, kind: kind)) }
            return Module(
                id: element.id.raw, version: element.version.text, api: element.api.description, homepage: element.homepage,
                provides: provides.compactMap { $0.requires.first?.name })
        }
        group = report.detected.group.buildpacks.map { module($0, .buildpack) }
        groupExtensions = report.detected.group.extensions.map { module($0, .extension) }
        plan = entries.compactMap { entry in
            guard let name = entry.requires.first?.name else { return nil }
            return Entry(
                name: name, providers: entry.providers.map(\.reference.description), requires: entry.requires.map { JSONValue($0.metadata) }
            )
        }
        layers = report.restored.map(Self.layer)
        rejected = report.detected.rejected.compactMap(\.reason)
    }

    private static func layer(_ restored: DetectionReport.RestoredLayer) -> Layer {
        var layer = Layer(buildpack: restored.buildpack.raw, layer: restored.name, restored: "nothing")
        switch restored.decision {
        case .metadataAndData: layer.restored = "data"
        case .metadata: layer.restored = "metadata"
        case .removed: (layer.restored, layer.reason) = ("removed", "the cache and the last image disagree about it")
        case .nothing(let reason): layer.reason = reason
        }
        return layer
    }

    /// For people.
    var lines: [String] {
        var lines = ["Builder:    \(builder)", "Run image:  \(runImage)", "", "Group:"]
        lines += Self.table(
            ["ID", "VERSION", "PROVIDES"], (group + groupExtensions).map { [$0.id, $0.version, $0.provides.joined(separator: ", ")] })
        if !plan.isEmpty {
            lines += ["", "Plan:"]
            lines += Self.table(
                ["NAME", "PROVIDED BY", "REQUIRED WITH"],
                plan.map { entry in
                    let wishes = entry.requires.filter { $0 != .object([:]) }.compactMap { try? $0.text() }
                    return [entry.name, entry.providers.joined(separator: ", "), wishes.joined(separator: ", ")]
                })
        }
        if !layers.isEmpty {
            lines += ["", "Layers of the last build:"]
            lines += Self.table(
                ["LAYER", "RESTORED", "REASON"], layers.map { ["\($0.buildpack):\($0.layer)", $0.restored, $0.reason ?? ""] })
        }
        return lines
    }

    private static func table(_ header: [String], _ rows: [[String]]) -> [String] {
        var table = Table(header)
        rows.forEach { table.add($0.map { DisplayText.clean($0) }) }
        return table.lines().map { "  " + $0 }
    }
}
