import Diagnostics

/// Why a text is no image reference, with the place in it.
package struct ReferenceError: Diagnosable, Equatable {
    /// The text as it was given.
    package let text: String
    /// What is wrong, without the text.
    package let reason: String
    /// 1-based, in characters of `text`; one past the end when something is missing there.
    package let column: Int
    package let hint: String?

    init(text: String, reason: String, column: Int, hint: String?) {
        self.text = text
        self.reason = Self.printable(reason)
        self.column = column
        self.hint = hint.map(Self.printable)
    }

    /// The text with a caret under the place.
    package var message: String {
        let shown = Self.printable(text)
        guard text.count <= 300 else { return "'\(shown.prefix(60))…' is not an image reference: \(reason) (character \(column))" }
        return """
            '\(shown)' is not an image reference: \(reason)
                \(shown)
                \(String(repeating: " ", count: max(0, column - 1)))^
            """
    }

    /// Characters that a terminal would obey or hide become `?`, one for one, so the caret stays in its place.
    private static func printable(_ text: String) -> String {
        String(
            text.map { character in
                let isShown = character.unicodeScalars.allSatisfy {
                    $0.value >= 0x20 && !(0x7f...0x9f).contains($0.value) && !$0.properties.isDefaultIgnorableCodePoint
                }
                return isShown ? character : "?"
            })
    }
}

extension ReferenceError: CustomStringConvertible {
    package var description: String { message }
}
