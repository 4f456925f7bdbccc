package import Diagnostics

/// What happens during a build, as values; renderers turn them into terminal lines.
package enum PhaseEvent: Sendable {
    case started(Phase)
    /// A line for everyone.
    case note(String)
    /// A line for those who asked for detail.
    case detail(String)
    /// Bytes on their way: for those who watch; its end is for everyone.
    case transfer(Transfer)
    case warning(PhaseWarning)
    /// One line that a buildpack printed.
    case output(buildpack: String, line: String)
}

package enum Phase: String, Sendable {
    case analyzing, detecting, restoring, building, exporting
}

/// Something that does not stop the build, but that its user should know.
package struct PhaseWarning: Equatable, Sendable {
    package var message: String
    package var location: SourceLocation?
    package var hint: String?

    package init(_ message: String, at location: SourceLocation? = nil, hint: String? = nil) {
        self.message = message
        self.location = location
        self.hint = hint
    }
}

/// Called from any thread, in the order of events of one source.
package typealias PhaseEvents = @Sendable (PhaseEvent) -> Void
