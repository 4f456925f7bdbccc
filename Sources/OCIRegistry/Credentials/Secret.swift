/// A password or token. However it is printed, it shows as `<redacted>` (S-3).
package struct Secret: Hashable, Sendable {
    private let text: String

    package init(_ text: String) { self.text = text }

    /// The text itself: for what is sent, never for what is shown.
    package func reveal() -> String { text }

    package var isEmpty: Bool { text.isEmpty }

    /// Whether the text can stand in an HTTP header: visible ASCII and single spaces.
    var fitsHeader: Bool { !text.isEmpty && text.utf8.allSatisfy { (0x20...0x7e).contains($0) } }

    /// `message` without this text, in case whoever was given the secret repeats it.
    ///
    /// A short secret would show through the gaps, so then nothing of the message is left.
    func removed(from message: String) -> String {
        guard !text.isEmpty, message.contains(text) else { return message }
        return text.utf8.count < 8 ? description : message.replacing(text, with: description)
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "<redacted>" }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
