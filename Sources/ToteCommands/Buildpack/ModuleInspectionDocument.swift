import Archive
import CNBPlatform
import CNBSpec
import OCIImage

/// What `inspect` of a buildpack or an extension prints, for scripts.
struct ModuleInspectionDocument: Encodable {
    struct Module: Encodable {
        var id: String
        var version: String
        var api: String
        var name: String?
        var homepage: String?
        var stacks: [String]
        var targets: [String]
        /// Of a package's layer.
        var layer: String?
    }

    struct Element: Encodable {
        var id: String
        var version: String?
        var optional: Bool
        /// It contains itself.
        var cyclic: Bool
        var order: [[Element]]
    }

    var place: String
    var kind: String
    var id: String
    var version: String
    var description: String?
    /// Of the package image.
    var digest: String?
    var stacks: [String]
    var modules: [Module]
    /// The groups of the order, with those of composites in it.
    var order: [[Element]]

    init(_ package: ModulePackage, kind: ModuleKind, place: String) {
        self.place = place
        self.kind = kind.rawValue
        id = package.main.id.raw
        version = package.main.version.text
        description = package.description
        digest = package.image?.description
        stacks = package.stacks.map(\.id)
        modules = package.modules.map { module in
            Module(
                id: module.reference.id.raw, version: module.reference.version.text, api: module.info.api.description,
                name: module.info.name, homepage: module.info.homepage, stacks: module.stacks.map(\.id),
                targets: module.targets.map(\.description), layer: Self.layer(module))
        }
        let orders = Dictionary(package.modules.map { ($0.reference, $0.order) }, uniquingKeysWith: { first, _ in first })
        let main = OrderElement(id: package.main.id, version: package.main.version)
        // A component is an order of itself alone.
        order =
            (orders[package.main] ?? []).isEmpty ? [[Self.element(main, orders, above: [])]] : Self.element(main, orders, above: []).order
    }

    private static func layer(_ module: CNBPlatform.Module) -> String? {
        guard case .layer(let layer, _) = module.contents else { return nil }
        return layer.diffID.description
    }

    private static func element(
        _ element: OrderElement, _ orders: [BuildpackReference: [OrderGroup]], above: Set<BuildpackReference>
    ) -> Element {
        var shown = Element(id: element.id.raw, version: element.version?.text, optional: element.optional, cyclic: false, order: [])
        guard let version = element.version else { return shown }
        let reference = BuildpackReference(id: element.id, version: version)
        guard !above.contains(reference) else {
            shown.cyclic = true
            return shown
        }
        shown.order = (orders[reference] ?? []).map { group in
            group.elements.map { self.element($0, orders, above: above.union([reference])) }
        }
        return shown
    }

    /// With so many levels of the order; -1 keeps all (L-52).
    func limited(to depth: Int) -> ModuleInspectionDocument {
        func cut(_ groups: [[Element]], _ left: Int) -> [[Element]] {
            groups.map { group in
                group.map { element in
                    var element = element
                    element.order = left == 0 ? [] : cut(element.order, left - 1)
                    return element
                }
            }
        }
        var document = self
        if depth >= 0 { document.order = depth == 0 ? [] : cut(order, depth - 1) }
        return document
    }
}
