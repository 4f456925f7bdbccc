import CNBPlatform
import CNBSpec

/// An inspection of a buildpack or an extension, for people. Labels may be anybody's: no control character reaches the terminal.
struct ModuleInspectionText {
    let lines: [String]

    init(_ document: ModuleInspectionDocument, order: DetectionOrderTree) {
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
        if document.kind == ModuleKind.buildpack.rawValue, !order.groups.isEmpty {
            lines += ["", "Detection Order:"] + DetectionOrderText(order).lines
        }
        self.lines = lines.map { DisplayText.clean($0) }
    }
}

extension String {
    fileprivate func padding(_ width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
