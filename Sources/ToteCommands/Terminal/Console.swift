package import CNBLifecycle
import Glibc
import Synchronization

/// Standard error as a person sees it: phases, buildpack output, warnings. Lines are whole: two threads never mix theirs.
package final class Console: Sendable {
    package enum Verbosity: Sendable {
        case quiet, normal, verbose
    }

    package let style: Style
    private let verbosity: Verbosity
    private let timestamps: Bool
    private let lock = Mutex(())

    package init(style: Style, verbosity: Verbosity, timestamps: Bool = false) {
        self.style = style
        self.verbosity = verbosity
        self.timestamps = timestamps
    }

    /// Renders one event of a build.
    package func show(_ event: PhaseEvent) {
        switch event {
        case .started(let phase): note(style(.cyan, "===> \(phase.rawValue.uppercased())"))
        case .note(let line): note(DisplayText.clean(line))
        case .detail(let line):
            guard verbosity == .verbose else { return }
            write([style(.dim, DisplayText.clean(line))])
        case .warning(let warning):
            write(ErrorReport.warning(warning.message, at: warning.location, hint: warning.hint, style: style))
        case .output(let buildpack, let line): note(style(.dim, "[\(buildpack)]") + " " + DisplayText.clean(line, keepingColours: true))
        }
    }

    /// A line for everyone who did not ask for quiet.
    package func note(_ line: String) {
        guard verbosity != .quiet else { return }
        write([line])
    }

    package func fail(_ error: any Error) {
        write(ErrorReport.lines(for: error, style: style))
    }

    private func write(_ lines: [String]) {
        lock.withLock { _ in
            let lines = timestamps ? LogTime.now().before(lines) : lines
            for line in lines { StandardStreams.error(line) }
        }
    }
}
