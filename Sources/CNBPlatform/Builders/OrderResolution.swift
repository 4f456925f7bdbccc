import CNBSpec
import Diagnostics

/// Completes an author's order with the versions that the builder has (A-17, H-28). Pure.
struct OrderResolution {
    /// Versions of each id among the builder's buildpacks, and among its extensions.
    private let versions: [ModuleKind: [BuildpackID: Set<BuildpackVersion>]]

    init(_ modules: [(kind: ModuleKind, reference: BuildpackReference)]) {
        var versions: [ModuleKind: [BuildpackID: Set<BuildpackVersion>]] = [:]
        for module in modules { versions[module.kind, default: [:]][module.reference.id, default: []].insert(module.reference.version) }
        self.versions = versions
    }

    func resolved(_ order: Order) throws(Fault) -> Order {
        Order(groups: try resolved(order.groups, .buildpack), extensionGroups: try resolved(order.extensionGroups, .extension))
    }

    func resolved(_ system: SystemBuildpacks) throws(Fault) -> SystemBuildpacks {
        SystemBuildpacks(pre: try resolved(system.pre, .buildpack), post: try resolved(system.post, .buildpack))
    }

    /// B-37: the parts of a composite need versions and must be there, or every build would fail.
    ///
    /// `list` is where the author adds what is missing.
    func requireParts(
        of composite: BuildpackReference, order: [OrderGroup], list: String = "[[buildpacks]] in the builder's configuration"
    ) throws(Fault) {
        for element in order.flatMap(\.elements) {
            guard let version = element.version else {
                throw Fault("buildpack '\(composite)' must specify a version when referencing buildpack '\(element.id)'")
            }
            guard versions[.buildpack]?[element.id]?.contains(version) == true else {
                throw Fault(
                    "buildpack '\(composite)' references buildpack '\(element)' which is not present",
                    hint: "add it to \(list)")
            }
        }
    }

    private func resolved(_ groups: [OrderGroup], _ kind: ModuleKind) throws(Fault) -> [OrderGroup] {
        var result: [OrderGroup] = []
        for group in groups { result.append(OrderGroup(try resolved(group.elements, kind))) }
        return result
    }

    private func resolved(_ elements: [OrderElement], _ kind: ModuleKind) throws(Fault) -> [OrderElement] {
        var result: [OrderElement] = []
        for element in elements {
            var element = element
            element.version = try version(element, kind)
            result.append(element)
        }
        return result
    }

    private func version(_ element: OrderElement, _ kind: ModuleKind) throws(Fault) -> BuildpackVersion {
        let known = versions[kind]?[element.id] ?? []
        if let version = element.version {
            guard known.contains(version) else {
                throw Fault("no \(kind.rawValue) '\(element)' was found on the builder", hint: hint(element.id, known, kind))
            }
            return version
        }
        guard let only = known.first else {
            throw Fault("no versions of \(kind.rawValue) '\(element.id)' were found on the builder", hint: hint(element.id, known, kind))
        }
        guard known.count == 1 else {
            throw Fault(
                "unable to resolve version: multiple versions of '\(element.id)' - must specify an explicit version",
                hint: "there are \(known.map(\.text).sorted().joined(separator: ", "))")
        }
        return only
    }

    private func hint(_ id: BuildpackID, _ known: Set<BuildpackVersion>, _ kind: ModuleKind) -> String {
        if !known.isEmpty { return "the builder has version \(known.map(\.text).sorted().joined(separator: ", "))" }
        if let meant = Suggestion.nearest(to: id.raw, among: (versions[kind] ?? [:]).keys.map(\.raw)) { return "did you mean '\(meant)'?" }
        return "add it to [[\(kind.rawValue)s]] in the builder's configuration"
    }
}
