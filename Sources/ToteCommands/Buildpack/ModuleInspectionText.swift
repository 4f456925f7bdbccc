import CNBSpec

/// An inspection of a buildpack or an extension, for people. Labels may be anybody's: no control character reaches the terminal.
struct ModuleInspectionText {
    let lines: [String]

    init(_ document: ModuleInspectionDocument, depth: Int) {
        let kind = document.kind.prefix(1).uppercased() + document.kind.dropFirst()
        var lines = ["\(kind):".padding(12) + "\(document.id)@\(document.version)", "From:".padding(12) + document.place]
        if let digest = document.digest { lines.append("Digest:".padding(12) + digest) }
        if let description = document.description, !description.isEmpty { lines.append("About:".padding(12) + description) }
        if !document.stacks.isEmpty { lines.append("Stacks:".padding(12) + document.stacks.joined(separator: ", ")) }
        lines += ["", "\(kind)s:"]
        var table = Table(["ID", "NAME", "VERSION", "API", "TARGETS", "HOMEPAGE"])
        for module in document.modules {
            let targets = module.targets.isEmpty ? "-" : module.targets.joined(separator: ", ")
            let row = [module.id, module.name ?? "-", module.version, module.api, targets, module.homepage ?? "-"]
            table.add(row.map { DisplayText.clean($0) })
        }
        lines += table.lines().map { "  " + $0 }
        let order = document.limited(to: depth).order
        if document.kind == ModuleKind.buildpack.rawValue, !order.isEmpty {
            lines += ["", "Detection order:"]
            Self.add(order, indent: " ", to: &lines)
        }
        self.lines = lines.map { DisplayText.clean($0) }
    }

    private static func add(_ groups: [[ModuleInspectionDocument.Element]], indent: String, to lines: inout [String]) {
        for (number, group) in groups.enumerated() {
            let isLast = number == groups.count - 1
            lines.append("\(indent)\(isLast ? "└" : "├") group \(number + 1)")
            let inner = indent + (isLast ? "   " : "│  ")
            for (position, element) in group.enumerated() {
                let isLast = position == group.count - 1
                let marks = [element.optional ? "(optional)" : "", element.cyclic ? "[cyclic]" : ""].filter { !$0.isEmpty }
                let name = element.id + (element.version.map { "@\($0)" } ?? "")
                lines.append("\(inner)\(isLast ? "└" : "├") " + ([name] + marks).joined(separator: " "))
                add(element.order, indent: inner + (isLast ? "   " : "│  "), to: &lines)
            }
        }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
