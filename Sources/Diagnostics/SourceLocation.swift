/// A place in a file that a person wrote.
package struct SourceLocation: Equatable, Sendable {
    /// The file as the user knows it: a path, relative where they gave it so.
    package var file: String
    /// 1-based.
    package var line: Int
    /// 1-based, in characters.
    package var column: Int
    /// The text of that line, to show with a caret below; nil when it is not at hand.
    package var text: String?

    package init(file: String, line: Int, column: Int, text: String? = nil) {
        self.file = file
        self.line = line
        self.column = column
        self.text = text
    }

    /// Finds the line in the whole text of the file.
    package init(file: String, line: Int, column: Int, in contents: String) {
        // By scalars: "\r\n" is one character and would not be found as a line end.
        let lines = contents.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        var text: String?
        if line >= 1, line <= lines.count {
            var scalars = lines[line - 1].drop { $0 == "\u{feff}" }
            if scalars.last == "\r" { scalars.removeLast() }
            text = String(scalars)
        }
        self.init(file: file, line: line, column: column, text: text)
    }
}

extension SourceLocation: CustomStringConvertible {
    /// `project.toml:3:7`
    package var description: String { "\(file):\(line):\(column)" }
}
