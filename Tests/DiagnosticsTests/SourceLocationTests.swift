import Diagnostics
import Testing

@Suite("Places in files")
struct SourceLocationTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var title: String
        var contents: String
        var line: Int
        var text: String?
        var testDescription: String { title }
    }

    static let lines: [Line] = [
        Line(title: "the first", contents: "a\nb", line: 1, text: "a"),
        Line(title: "the last, without a line end", contents: "a\nb", line: 2, text: "b"),
        Line(title: "empty lines count", contents: "\n\nx\n", line: 3, text: "x"),
        Line(title: "after the last line end", contents: "a\n", line: 2, text: ""),
        Line(title: "beyond the end", contents: "a\n", line: 3, text: nil),
        Line(title: "0", contents: "a", line: 0, text: nil),
        Line(title: "negative", contents: "a", line: -1, text: nil),
        Line(title: "an empty file", contents: "", line: 1, text: ""),
        Line(title: "CRLF", contents: "a = 1\r\nb = 2\r\n", line: 2, text: "b = 2"),
        Line(title: "CRLF, an empty line", contents: "a\r\n\r\nb", line: 2, text: ""),
        Line(title: "a byte order mark", contents: "\u{feff}a = 1\n", line: 1, text: "a = 1"),
        Line(title: "a tab", contents: "\ta\t= 1\n", line: 1, text: "\ta\t= 1"),
        Line(title: "combined letters", contents: "e\u{301} = 1\n", line: 1, text: "e\u{301} = 1"),
    ]

    @Test("The text of a line", arguments: lines)
    func text(_ line: Line) {
        #expect(Diagnostics.SourceLocation(file: "f", line: line.line, column: 1, in: line.contents).text == line.text)
    }

    @Test("file:line:column")
    func description() {
        #expect(Diagnostics.SourceLocation(file: "dir/project.toml", line: 3, column: 7).description == "dir/project.toml:3:7")
    }
}
