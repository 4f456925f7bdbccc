import Diagnostics
import Testing
import ToteCommands

@Suite("Errors and warnings as people see them")
struct ErrorReportTests {
    static let plain = Style(enabled: false)

    struct Other: Error, CustomStringConvertible {
        var description: String { "other" }
    }

    static func place(_ text: String?, _ line: Int, _ column: Int) -> Diagnostics.SourceLocation {
        Diagnostics.SourceLocation(file: "project.toml", line: line, column: column, text: text)
    }

    @Test("What failed, then what to do")
    func simple() {
        #expect(
            ErrorReport.lines(for: Fault("it failed", hint: "try again"), style: Self.plain) == ["ERROR: it failed", "hint: try again"])
        #expect(ErrorReport.lines(for: Fault("it failed"), style: Self.plain) == ["ERROR: it failed"])
        #expect(ErrorReport.lines(for: Other(), style: Self.plain) == ["ERROR: other"])
    }

    struct Excerpt: Sendable, CustomTestStringConvertible {
        var title: String
        var text: String?
        var line = 3
        var column: Int
        /// Without the first line.
        var lines: [String]
        var testDescription: String { title }
    }

    static let excerpts: [Excerpt] = [
        Excerpt(title: "the first column", text: "api = 1", column: 1, lines: ["  |", "3 | api = 1", "  | ^"]),
        Excerpt(title: "in the middle", text: "api = 1", column: 7, lines: ["  |", "3 | api = 1", "  |       ^"]),
        Excerpt(title: "behind the end", text: "api =", column: 6, lines: ["  |", "3 | api =", "  |      ^"]),
        Excerpt(title: "far behind the end", text: "api", column: 60, lines: ["  |", "3 | api", "  |    ^"]),
        Excerpt(title: "under tabs", text: "\ta\t= 1", column: 4, lines: ["  |", "3 | \ta\t= 1", "  | \t \t^"]),
        Excerpt(title: "a line number of three digits", text: "x", line: 120, column: 1, lines: ["    |", "120 | x", "    | ^"]),
        Excerpt(title: "column 0", text: "x", column: 0, lines: ["  |", "3 | x", "  | ^"]),
        Excerpt(title: "control characters", text: "a\u{1b}[2Jb\u{7f}", column: 2, lines: ["  |", "3 | a?[2Jb?", "  |  ^"]),
        Excerpt(title: "an empty line", text: "", column: 1, lines: ["  |", "3 | ", "  | ^"]),
        Excerpt(title: "no text at hand", text: nil, column: 1, lines: []),
    ]

    @Test("The line with a caret below", arguments: excerpts)
    func excerpt(_ excerpt: Excerpt) {
        let place = Self.place(excerpt.text, excerpt.line, excerpt.column)
        let lines = ErrorReport.lines(for: Fault("bad", hint: "good", at: place), style: Self.plain)
        #expect(lines == ["ERROR: project.toml:\(excerpt.line):\(excerpt.column): bad"] + excerpt.lines + ["hint: good"])
    }

    @Test("Of a very long line, the part around the column")
    func longLine() {
        let text = String(repeating: "x", count: 1_000_000) + "HERE" + String(repeating: "y", count: 1_000_000)
        let lines = ErrorReport.lines(for: Fault("bad", at: Self.place(text, 1, 1_000_001)), style: Self.plain)
        #expect(lines.count == 4)
        #expect(lines.allSatisfy { $0.count < 200 })
        let caret = lines[3].firstIndex(of: "^")
        #expect(caret.map { lines[2][$0...].hasPrefix("HERE") } == true)
    }

    @Test("A warning looks the same")
    func warning() {
        #expect(
            ErrorReport.warning("unknown key", at: Self.place("a = 1", 1, 1), hint: "remove it", style: Self.plain) == [
                "Warning: project.toml:1:1: unknown key", "  |", "1 | a = 1", "  | ^", "hint: remove it",
            ])
    }

    @Test("Colours only where they are on")
    func colours() {
        let lines = ErrorReport.lines(for: Fault("x", hint: "y"), style: Style(enabled: true))
        #expect(lines == ["\u{1b}[31mERROR:\u{1b}[0m x", "\u{1b}[36mhint:\u{1b}[0m y"])
    }

    struct Wish: Sendable, CustomTestStringConvertible {
        var environment: [String: String]
        var disabled = false
        var enabled: Bool
        var testDescription: String { "\(environment) \(disabled)" }
    }

    static let wishes: [Wish] = [
        Wish(environment: [:], enabled: false),
        Wish(environment: ["FORCE_COLOR": "1"], enabled: true),
        Wish(environment: ["FORCE_COLOR": ""], enabled: false),
        Wish(environment: ["CLICOLOR_FORCE": "1"], enabled: true),
        Wish(environment: ["FORCE_COLOR": "1", "NO_COLOR": "1"], enabled: false),
        Wish(environment: ["FORCE_COLOR": "1", "NO_COLOR": ""], enabled: true),
        Wish(environment: ["FORCE_COLOR": "1"], disabled: true, enabled: false),
        Wish(environment: ["FORCE_COLOR": "1", "TERM": "dumb"], enabled: true),
    ]

    @Test("NO_COLOR, FORCE_COLOR, --no-color, on what is no terminal", arguments: wishes)
    func style(_ wish: Wish) {
        #expect(Style(descriptor: -1, environment: wish.environment, disabled: wish.disabled).enabled == wish.enabled)
    }
}
