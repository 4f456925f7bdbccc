package import CNBSpec
package import Diagnostics

/// An order with the orders of its composite buildpacks inside, for people to look at.
package struct DetectionOrderTree: Equatable, Sendable {
    package struct Node: Equatable, Sendable {
        package var element: OrderElement
        /// Of a composite buildpack; empty below the depth that was asked for.
        package var groups: [[Node]] = []
        /// It contains itself, directly or not.
        package var isCyclic = false
    }

    package var groups: [[Node]]

    /// What a few kilobytes of labels can unfold to is without limit.
    private static let nodeLimit = 10_000

    /// A builder's order.
    ///
    /// - Parameter depth: how many levels of buildpacks; nil for all (L-52).
    package init(_ groups: [OrderGroup], in layers: BuildpackLayers, depth: Int? = nil) throws(Fault) {
        try self.init(groups, of: "the builder", depth: depth) { element in
            guard let version = element.version ?? layers.onlyVersion(of: element.id).flatMap({ try? BuildpackVersion($0) }) else {
                return nil
            }
            let reference = BuildpackReference(id: element.id, version: version)
            return (reference, layers[reference]?.order ?? [])
        }
    }

    /// What a package offers: the order of its main buildpack, or that buildpack alone.
    package init(_ package: ModulePackage, depth: Int? = nil) throws(Fault) {
        let orders = Dictionary(package.modules.map { ($0.reference, $0.order) }, uniquingKeysWith: { first, _ in first })
        let own = orders[package.main] ?? []
        let alone = [OrderGroup([OrderElement(id: package.main.id, version: package.main.version)])]
        try self.init(own.isEmpty ? alone : own, of: "the package", below: own.isEmpty ? [] : [package.main], depth: depth) { element in
            element.version.map {
                let reference = BuildpackReference(id: element.id, version: $0)
                return (reference, orders[reference] ?? [])
            }
        }
    }

    private init(
        _ groups: [OrderGroup], of owner: String, below path: [BuildpackReference] = [], depth: Int?, order: @escaping Lookup
    ) throws(Fault) {
        var unfolding = Unfolding(owner: owner, limit: min(depth ?? .max, Self.nodeLimit) + path.count, order: order)
        self.groups = try unfolding.unfold(groups, path: path)
    }

    /// The buildpack that an element stands for, and its order; nil when it stands for none.
    private typealias Lookup = (OrderElement) -> (BuildpackReference, [OrderGroup])?

    private struct Unfolding {
        let owner: String
        /// Of a path's length.
        let limit: Int
        let order: Lookup
        var count = 0

        mutating func unfold(_ groups: [OrderGroup], path: [BuildpackReference]) throws(Fault) -> [[Node]] {
            guard path.count < limit else { return [] }
            var unfolded: [[Node]] = []
            for group in groups {
                var nodes: [Node] = []
                for element in group.elements { nodes.append(try node(element, path)) }
                unfolded.append(nodes)
            }
            return unfolded
        }

        private mutating func node(_ element: OrderElement, _ path: [BuildpackReference]) throws(Fault) -> Node {
            count += 1
            guard count <= DetectionOrderTree.nodeLimit else {
                throw Fault(
                    "the order of \(owner) unfolds to more than \(DetectionOrderTree.nodeLimit) buildpacks", hint: "limit it: --depth 2")
            }
            var node = Node(element: element)
            guard let (reference, order) = order(element) else { return node }
            node.isCyclic = path.contains(reference)
            if !node.isCyclic { node.groups = try unfold(order, path: path + [reference]) }
            return node
        }
    }
}
