package import Diagnostics

/// Something in a file that the user wrote which is allowed, but probably not what they meant.
package struct DescriptorWarning: Equatable, Sendable {
    /// One or more lines without a trailing full stop.
    package var message: String
    /// What to write instead, when that is known.
    package var suggestion: String?
    package var location: SourceLocation?

    package init(_ message: String, suggestion: String? = nil, at location: SourceLocation? = nil) {
        self.message = message
        self.suggestion = suggestion
        self.location = location
    }
}
