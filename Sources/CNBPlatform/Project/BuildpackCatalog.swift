import CNBSpec
import Diagnostics
import OCIImage

/// The buildpacks, or the extensions, on a builder: to find one by what a user wrote (A-17, H.3).
struct BuildpackCatalog {
    private let kind: ModuleKind
    private let buildpacks: [BuildpackReference]

    init(_ buildpacks: [BuildpackReference], kind: ModuleKind = .buildpack) {
        self.kind = kind
        self.buildpacks = Array(Set(buildpacks)).sorted()
    }

    /// Where to get what the builder does not have; nil for what only the builder can have.
    ///
    /// A bare name that is not on the builder is one of the registry index when it looks like that, also where an image of that name exists (H-20).
    func place(of locator: BuildpackLocator) throws -> ModulePlace? {
        switch locator {
        case .builderOrder, .onBuilder: return nil
        case .path(let path): return .path(path)
        case .url(let url): return .url(url)
        case .image(let name): return .image(try Reference(parsing: name))
        case .registry(let id, let version): return .registry(id: id, version: version)
        case .named(let id, let version):
            if buildpacks.contains(where: { $0.id.raw == id && (version == nil || $0.version.text == version) }) { return nil }
            if kind == .buildpack, RegistryIndex.file(of: id) != nil, version.map(SemanticVersion.isOne) ?? true {
                return .registry(id: id, version: version)
            }
            // A word alone is a mistyped id rather than an image of Docker Hub.
            guard id.contains("/") || id.contains(":") else { return nil }
            return (try? Reference(parsing: id + (version.map { "@\($0)" } ?? ""))).map(ModulePlace.image)
        }
    }

    /// A-17, for a name that was looked for elsewhere too, where `problem` came of it: it may be mistyped.
    func missing(_ id: String, version: String?, elsewhere problem: (any Error)?) -> Fault {
        var fault = missing(id, version: version)
        guard let problem else { return fault }
        fault.hint = (fault.hint.map { "\($0); " } ?? "") + "looking further failed: \(problem.diagnosis)"
        return fault
    }

    func find(_ locator: BuildpackLocator, text: String) throws(Fault) -> BuildpackReference {
        switch locator {
        case .onBuilder(let id, let version):
            guard buildpacks.contains(where: { $0.id.raw == id && (version == nil || $0.version.text == version) }) else {
                throw Fault("'\(text)' is not a valid identifier", hint: "the builder has no such \(kind.rawValue)" + known(id))
            }
            return try find(id: id, version: version)
        case .builderOrder:
            throw Fault(
                "'from=builder' can only stand in the group of buildpacks", hint: "pre and post already go around the builder's order")
        case .named(let id, let version), .registry(let id, let version): return try find(id: id, version: version)
        case .image, .path, .url: throw Fault("the \(kind.rawValue) '\(text)' is not on the builder")
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
        let versions = buildpacks.filter { $0.id.raw == id && (version == nil || $0.version.text == version) }
        guard let found = versions.first else { throw missing(id, version: version) }
        guard versions.count == 1 else {
            throw Fault(
                "unable to resolve version: multiple versions of '\(id)' - must specify an explicit version",
                hint: "the builder has " + list(versions))
        }
        return found
    }

    private func missing(_ id: String, version: String?) -> Fault {
        let hint = "name it with its place, such as './folder' or 'docker://image'" + known(id)
        guard let version else { return Fault("no versions of \(kind.rawValue) '\(id)' were found on the builder", hint: hint) }
        return Fault("\(kind.rawValue) '\(id)@\(version)' was not found on the builder", hint: hint)
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
