/// A reason not to put an app image on another base.
package struct RebaseObjection: Hashable, Sendable {
    package enum Rule: String, Sendable {
        /// F-5
        case stack, mixins
        /// F-6
        case rebasable
        /// F-7
        case target
        /// F-8
        case name
    }

    package var rule: Rule
    /// With both values, the app image's first.
    package var message: String

    package init(_ rule: Rule, _ message: String) {
        self.rule = rule
        self.message = message
    }

    /// Whether force makes a warning of it (F-5).
    package var isOverridable: Bool { rule != .stack && rule != .mixins }
}
