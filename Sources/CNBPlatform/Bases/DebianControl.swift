/// Paragraphs of "Field: value" lines, the format of dpkg's status file and of apt's `.sources` files.
enum DebianControl {
    /// One paragraph; field names in lower case. Lines that continue a value are joined to it by a newline.
    typealias Paragraph = [String: String]

    static func paragraphs(_ text: String) -> [Paragraph] {
        var paragraphs: [Paragraph] = []
        var current: Paragraph = [:]
        var field: String?
        func finish() {
            if !current.isEmpty { paragraphs.append(current) }
            current = [:]
            field = nil
        }
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("#") { continue }
            if line.allSatisfy(\.isWhitespace) {
                finish()
            } else if line.first == " " || line.first == "\t" {
                if let field { current[field, default: ""] += "\n" + trimmed(line) }
            } else if let colon = line.firstIndex(of: ":") {
                let name = line[..<colon].lowercased()
                current[name] = trimmed(line[line.index(after: colon)...])
                field = name
            }
        }
        finish()
        return paragraphs
    }

    static func trimmed(_ text: Substring) -> String {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
