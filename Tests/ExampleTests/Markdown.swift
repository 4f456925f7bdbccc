/// What the tests read of a Markdown file.
struct Markdown {
    struct Block {
        /// The word behind the fence.
        var language: String
        var lines: [String]
        var text: String { lines.map { $0 + "\n" }.joined() }
    }

    private(set) var blocks: [Block] = []
    /// Between single backticks, outside of blocks.
    private(set) var codeSpans: [String] = []
    /// Cells of each table's rows, header and rule left out.
    private(set) var tables: [[[String]]] = []

    init(_ text: String) {
        var block: Block?
        var rows: [[String]] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("```") {
                if let finished = block { blocks.append(finished) }
                block = block == nil ? Block(language: String(line.dropFirst(3)), lines: []) : nil
            } else if block != nil {
                block?.lines.append(line)
            } else {
                codeSpans += line.split(separator: "`", omittingEmptySubsequences: false).enumerated().filter { $0.offset % 2 == 1 }
                    .map { String($0.element) }
                if line.hasPrefix("|") {
                    rows.append(line.split(separator: "|").map(Self.trimmed))
                } else if !rows.isEmpty {
                    tables.append(Array(rows.dropFirst(2)))
                    rows = []
                }
            }
        }
    }

    private static func trimmed(_ text: Substring) -> String {
        String(text.trimmingPrefix(while: \.isWhitespace).reversed().trimmingPrefix(while: \.isWhitespace).reversed())
    }

    /// Commands and what they print, from a `console` block.
    static func session(_ block: Block) -> [(command: String, output: [String])] {
        var session: [(command: String, output: [String])] = []
        for line in block.lines {
            if line.hasPrefix("$ ") {
                session.append((String(line.dropFirst(2)), []))
            } else if !session.isEmpty {
                session[session.count - 1].output.append(line)
            }
        }
        return session
    }
}
