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

    init(_ package: ModulePackage, order: DetectionOrderTree, kind: ModuleKind, place: String) {
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
        self.order = Self.groups(order.groups)
    }

    private static func layer(_ module: CNBPlatform.Module) -> String? {
        guard case .layer(let layer, _) = module.contents else { return nil }
        return layer.diffID.description
    }

    private static func groups(_ groups: [[DetectionOrderTree.Node]]) -> [[Element]] {
        groups.map { group in
            group.map { node in
                Element(
                    id: node.element.id.raw, version: node.element.version?.text, optional: node.element.optional, cyclic: node.isCyclic,
                    order: self.groups(node.groups))
            }
        }
    }
}
