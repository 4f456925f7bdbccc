import CNBSpec
import Diagnostics

/// The buildpacks on a builder, to find one by what a user wrote (A-17, H.3).
struct BuildpackCatalog {
    private let buildpacks: [BuildpackReference]

    init(_ buildpacks: [BuildpackReference]) {
        self.buildpacks = Array(Set(buildpacks)).sorted()
    }

    func find(_ locator: BuildpackLocator, text: String) throws(Fault) -> BuildpackReference {
        switch locator {
        case .named(let id, let version):
            return try find(id: id, version: version)
        case .onBuilder(let id, let version):
            guard buildpacks.contains(where: { $0.id.raw == id && (version == nil || $0.version.text == version) }) else {
                throw Fault("'\(text)' is not a valid identifier", hint: "the builder has no such buildpack" + known(id))
            }
            return try find(id: id, version: version)
        case .builderOrder:
            throw Fault(
                "'from=builder' can only stand in the group of buildpacks", hint: "pre and post already go around the builder's order")
        case .registry: throw unsupported(text, "from a registry of buildpacks")
        case .image: throw unsupported(text, "packed in images")
        case .path: throw unsupported(text, "in folders and archives")
        case .url: throw unsupported(text, "behind URLs")
        }
    }

    /// Gives elements without a version the only one that the builder has.
    func resolve(_ order: Order) throws(Fault) -> Order {
        var order = order
        order.groups = try resolve(order.groups)
        return order
    }

    private func resolve(_ groups: [OrderGroup]) throws(Fault) -> [OrderGroup] {
        var groups = groups
        for group in groups.indices {
            for element in groups[group].elements.indices where groups[group].elements[element].version == nil {
                groups[group].elements[element].version = try find(id: groups[group].elements[element].id.raw, version: nil).version
            }
        }
        return groups
    }

    //
    private func find(id: String, version: String?) throws(Fault) -> BuildpackReference {
        let versions = buildpacks.filter { $0.id.raw == id }
        if let version {
            guard let found = versions.first(where: { $0.version.text == version }) else {
                throw Fault(
                    "buildpack '\(id)@\(version)' was not found on the builder",
                    hint: "tote looks for buildpacks on the builder only" + known(id))
            }
            return found
        }
        guard let found = versions.first else {
            throw Fault(
                "no versions of buildpack '\(id)' were found on the builder",
                hint: "tote looks for buildpacks on the builder only" + known(id))
        }
        guard versions.count == 1 else {
            throw Fault(
                "unable to resolve version: multiple versions of '\(id)' - must specify an explicit version",
                hint: "the builder has " + list(versions))
        }
        return found
    }

    private func unsupported(_ text: String, _ kind: String) -> Fault {
        Fault(
            "buildpack '\(text)': buildpacks \(kind) are not supported yet",
            hint: "name a buildpack of the builder by its id, or write an inline script")
    }

    /// What the builder has in its place.
    private func known(_ id: String) -> String {
        let versions = buildpacks.filter { $0.id.raw == id }
        if !versions.isEmpty { return "; it has \(list(versions))" }
        if let nearest = Suggestion.nearest(to: id, among: buildpacks.map(\.id.raw)) { return "; did you mean '\(nearest)'?" }
        return buildpacks.isEmpty ? "; it has none" : "; it has \(list(buildpacks))"
    }

    private func list(_ references: [BuildpackReference]) -> String {
        let limit = 8
        let names = references.prefix(limit).map { "'\($0)'" }.joined(separator: ", ")
        return names + (references.count > limit ? " and \(references.count - limit) more" : "")
    }
}
