package import Diagnostics

/// How an error looks: what failed, the source line with a caret when there is one, then the hint.
package enum ErrorReport {
    package static func lines(for error: any Error, style: Style) -> [String] {
        guard let known = error as? any Diagnosable else {
            return [style(.red, "ERROR:") + " " + clean("\(error)")]
        }
        let place = known.location.map { "\($0): " } ?? ""
        var lines = [style(.red, "ERROR:") + " " + clean(place + known.message)]
        lines += known.location.map { excerpt(of: $0, style: style) } ?? []
        if let hint = known.hint {
            lines.append(style(.cyan, "hint:") + " " + clean(hint))
        }
        return lines
    }

    package static func warning(_ message: String, at location: SourceLocation? = nil, hint: String? = nil, style: Style) -> [String] {
        let place = location.map { "\($0): " } ?? ""
        var lines = [style(.yellow, "Warning:") + " " + clean(place + message)]
        lines += location.map { excerpt(of: $0, style: style) } ?? []
        if let hint {
            lines.append(style(.cyan, "hint:") + " " + clean(hint))
        }
        return lines
    }

    /// The part of the line around the column, without control characters: the text may be anybody's.
    private static func window(of location: SourceLocation) -> (text: String, column: Int)? {
        guard let text = location.text else { return nil }
        let width = 160
        let column = max(0, location.column - 1)
        let start = max(0, column - width / 2)
        return (DisplayText.clean(String(text.dropFirst(start).prefix(width))), column - start)
    }

    /// Messages have several lines, each with names that may be anybody's.
    private static func clean(_ text: String) -> String {
        text.split(separator: "\n", omittingEmptySubsequences: false).map { DisplayText.clean(String($0)) }.joined(separator: "\n")
    }

    private static func excerpt(of location: SourceLocation, style: Style) -> [String] {
        guard let (text, column) = window(of: location) else { return [] }
        let number = "\(location.line)"
        let gutter = String(repeating: " ", count: number.count)
        // Tabs are kept in the padding so that the caret stands under its character whatever the tab width.
        let padding = text.prefix(column).map { $0 == "\t" ? "\t" : String(repeating: " ", count: DisplayText.width([$0])) }.joined()
        return [
            style(.dim, "\(gutter) |"),
            style(.dim, "\(number) |") + " \(text)",
            style(.dim, "\(gutter) |") + " \(padding)" + style(.red, "^"),
        ]
    }
}
