/// An error that tells a person what failed, where, why, and what to do next.
///
/// Every error that can reach the command line conforms. `message` is one or more lines without a trailing full stop;
/// `hint` is the next step, when one is known.
package protocol Diagnosable: Error, Sendable {
    /// What failed, where and why.
    var message: String { get }
    /// What to do next.
    var hint: String? { get }
    /// The exit status of a process that ends with this error.
    var exitCode: Int32 { get }
    /// The place in a text that the user wrote, when the error is about one.
    var location: SourceLocation? { get }
}

extension Diagnosable {
    package var hint: String? { nil }
    package var exitCode: Int32 { 1 }
    package var location: SourceLocation? { nil }
}
