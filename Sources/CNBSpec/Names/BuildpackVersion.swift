package import Diagnostics

/// The version of a buildpack or extension. The spec wants `X.Y.Z`, but nobody enforces it (B-2): any text that can name a folder will do.
package struct BuildpackVersion: Hashable, Sendable {
    package let text: String

    package init(_ text: String) throws(Fault) {
        guard !text.isEmpty else { throw Fault("a buildpack version must not be empty") }
        guard text != ".", text != "..", !text.unicodeScalars.contains(where: { $0 == "/" || $0.value < 0x20 }) else {
            throw Fault("'\(text)' is not a buildpack version: it cannot name a folder")
        }
        self.text = text
    }
}

extension BuildpackVersion: CustomStringConvertible {
    package var description: String { text }
}
