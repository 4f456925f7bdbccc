/// What is wrong with a TOML text and where: thrown by the parser and by the typed access of `TOMLReader`.
package struct TOMLError: Error, Equatable, Sendable, CustomStringConvertible {
    /// One line without a full stop and without the position.
    package var message: String
    package var position: TOMLPosition

    package init(message: String, position: TOMLPosition) {
        self.message = message
        self.position = position
    }

    /// `3:13: expected ']]' to close an array-of-tables header, found end of line`
    package var description: String { "\(position.line):\(position.column): \(message)" }
}
