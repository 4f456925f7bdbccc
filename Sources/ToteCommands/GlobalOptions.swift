package import ArgumentParser

/// Options that every command takes (L-1).
package struct GlobalOptions: ParsableArguments {
    @Flag(name: .shortAndLong, help: "Show more detail.")
    package var verbose = false

    @Flag(name: .shortAndLong, help: "Show only warnings, errors and the result.")
    package var quiet = false

    @Flag(name: .customLong("no-color"), help: "Never use colours.")
    package var noColor = false

    @Flag(help: "Begin every line of the log with the time.")
    package var timestamps = false

    @Option(
        help: ArgumentHelp(
            "How to tell what happens: 'auto', 'plain' (no line is drawn anew) or 'json' (an object a line).", valueName: "style"))
    package var progress: ProgressStyle = .auto

    package init() {}
}

/// What the options say about standard error, whatever they are called in a command.
package struct ConsoleOptions: Sendable {
    package var verbosity: Console.Verbosity
    package var noColor: Bool
    package var timestamps: Bool
    package var progress = ProgressStyle.auto
}

extension GlobalOptions {
    var console: ConsoleOptions {
        ConsoleOptions(
            verbosity: quiet ? .quiet : verbose ? .verbose : .normal, noColor: noColor, timestamps: timestamps, progress: progress)
    }
}

/// How lists are printed.
package enum OutputFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    case table, json
}
