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

    /// - Parameter depth: how many levels of buildpacks; nil for all (L-52).
    package init(_ groups: [OrderGroup], in layers: BuildpackLayers, depth: Int? = nil) throws(Fault) {
        var unfolding = Unfolding(layers: layers, depth: depth ?? .max)
        self.groups = try unfolding.unfold(groups, path: [])
    }

    private struct Unfolding {
        let layers: BuildpackLayers
        let depth: Int
        var count = 0

        mutating func unfold(_ groups: [OrderGroup], path: [BuildpackReference]) throws(Fault) -> [[Node]] {
            guard path.count < depth else { return [] }
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
                    "the builder's order unfolds to more than \(DetectionOrderTree.nodeLimit) buildpacks", hint: "limit it: --depth 2")
            }
            var node = Node(element: element)
            guard let version = element.version ?? layers.onlyVersion(of: element.id).flatMap({ try? BuildpackVersion($0) }) else {
                return node
            }
            let reference = BuildpackReference(id: element.id, version: version)
            node.isCyclic = path.contains(reference)
            if !node.isCyclic, let order = layers[reference]?.order { node.groups = try unfold(order, path: path + [reference]) }
            return node
        }
    }
}
