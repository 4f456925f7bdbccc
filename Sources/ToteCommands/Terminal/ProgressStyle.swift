import ArgumentParser

/// How standard error tells what happens.
package enum ProgressStyle: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Lines for people, and on a terminal the transfers under way below them.
    case auto
    /// Lines for people and nothing that is drawn anew, even on a terminal.
    case plain
    /// One JSON object a line.
    case json
}
