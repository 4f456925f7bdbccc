package import Diagnostics

/// How an error looks: what failed, the source line with a caret when there is one, then the hint.
package enum ErrorReport {
    package static func lines(for error: any Error, style: Style) -> [String] {
        guard let known = error as? any Diagnosable else {
            return [style(.red, "ERROR:") + " \(error)"]
        }
        let place = known.location.map { "\($0): " } ?? ""
        var lines = [style(.red, "ERROR:") + " \(place)\(known.message)"]
        lines += known.location.map { excerpt(of: $0, style: style) } ?? []
        if let hint = known.hint {
            lines.append(style(.cyan, "hint:") + " \(hint)")
        }
        return lines
    }

    package static func warning(_ message: String, at location: SourceLocation? = nil, hint: String? = nil, style: Style) -> [String] {
        let place = location.map { "\($0): " } ?? ""
        var lines = [style(.yellow, "Warning:") + " \(place)\(message)"]
        lines += location.map { excerpt(of: $0, style: style) } ?? []
        if let hint {
            lines.append(style(.cyan, "hint:") + " \(hint)")
        }
        return lines
    }

    private static func excerpt(of location: SourceLocation, style: Style) -> [String] {
        guard let text = location.text else { return [] }
        let number = "\(location.line)"
        let gutter = String(repeating: " ", count: number.count)
        // Tabs are kept in the padding so that the caret stands under its character whatever the tab width.
        let padding = text.prefix(max(0, location.column - 1)).map { $0 == "\t" ? "\t" : " " }.joined()
        return [
            style(.dim, "\(gutter) |"),
            style(.dim, "\(number) |") + " \(text)",
            style(.dim, "\(gutter) |") + " \(padding)" + style(.red, "^"),
        ]
    }
}
