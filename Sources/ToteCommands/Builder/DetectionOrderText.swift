import CNBPlatform
import CNBSpec

/// An order as a tree.
struct DetectionOrderText {
    private(set) var lines: [String] = []

    init(_ tree: DetectionOrderTree) {
        if tree.groups.isEmpty { lines = ["  (none)"] }
        add(tree.groups, indent: " ")
    }

    private mutating func add(_ groups: [[DetectionOrderTree.Node]], indent: String) {
        for (number, nodes) in groups.enumerated() {
            let isLastGroup = number == groups.count - 1
            lines.append("\(indent)\(isLastGroup ? "└" : "├") Group #\(number + 1):")
            let inner = indent + (isLastGroup ? "   " : "│  ")
            for (place, node) in nodes.enumerated() {
                let isLast = place == nodes.count - 1
                let marks = (node.element.optional ? ["(optional)"] : []) + (node.isCyclic ? ["[cyclic]"] : [])
                lines.append("\(inner)\(isLast ? "└" : "├") " + ([node.element.description] + marks).joined(separator: "    "))
                add(node.groups, indent: inner + (isLast ? "   " : "│  "))
            }
        }
    }
}
