import Diagnostics
import TOML

/// The text of a file that a user wrote, to point into.
struct SourceText {
    /// The file as the user knows it.
    let file: String
    private let lines: [ArraySlice<UInt8>]

    init(file: String, bytes: [UInt8]) {
        self.file = file
        lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    }

    func location(line: Int, column: Int) -> SourceLocation {
        var text: String?
        if line >= 1, line <= lines.count {
            let bytes = lines[line - 1]
            let line = String(decoding: bytes.last == UInt8(ascii: "\r") ? bytes.dropLast() : bytes, as: UTF8.self)
            text = line.hasPrefix("\u{feff}") ? String(line.dropFirst()) : line
        }
        return SourceLocation(file: file, line: line, column: column, text: text)
    }

    func location(_ position: TOMLPosition) -> SourceLocation {
        location(line: position.line, column: position.column)
    }

    /// Where the key stands; where its table stands when the key is absent.
    func location(of key: String, in reader: TOMLReader) -> SourceLocation {
        location(reader.error(at: key, "").position)
    }

    /// Where the table stands.
    func location(of reader: TOMLReader) -> SourceLocation {
        location(reader.error("").position)
    }

    func fault(_ error: TOMLError, hint: String? = nil) -> Fault {
        Fault(error.message, hint: hint, at: location(error.position))
    }

    /// A warning for a key that means nothing here, with the key that was probably meant.
    func unknownKey(_ unread: TOMLUnreadKey) -> DescriptorWarning {
        let nearest = Suggestion.nearest(to: unread.key, among: unread.siblings)
        return DescriptorWarning(
            "unknown key '\(unread.path)' is ignored", suggestion: nearest.map { "did you mean '\($0)'?" },
            at: unread.position.map(location))
    }
}
