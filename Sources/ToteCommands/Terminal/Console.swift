package import CNBLifecycle
import CNBPlatform
import CNBSpec
import Glibc
import Synchronization

/// Standard error as a person sees it: phases, buildpack output, warnings, and on a terminal the transfers under way below them. Lines are
/// whole: two threads never mix theirs.
package final class Console: Sendable {
    package enum Verbosity: Sendable {
        case quiet, normal, verbose
    }

    private struct Screen {
        var board = TransferBoard()
        var region = LiveRegion()
        /// Whether somebody draws the region anew.
        var isDrawn = false
        var pace = TransferPace()
    }

    /// Between two drawings: enough for the eye, little for the processor.
    private static let pause = Duration.milliseconds(100)

    package let style: Style
    private let verbosity: Verbosity
    private let timestamps: Bool
    /// Whether transfers are shown while they run.
    private let isLive: Bool
    /// Whether programs read what it says: everything is a line of JSON.
    package let isJSON: Bool
    private let start = ContinuousClock.now
    private let screen = Mutex(Screen())

    /// - Parameter isLive: whether standard error is a terminal that can draw lines anew.
    package init(style: Style, verbosity: Verbosity, timestamps: Bool = false, isLive: Bool = false, isJSON: Bool = false) {
        self.style = style
        self.verbosity = verbosity
        self.timestamps = timestamps
        self.isLive = isLive && verbosity != .quiet
        self.isJSON = isJSON
    }

    /// Renders one event of a build.
    package func show(_ event: PhaseEvent) {
        guard !isJSON else { return tell(event) }
        switch event {
        case .started(let phase): note(style(.cyan, "===> \(phase.rawValue.uppercased())"))
        case .note(let line): note(DisplayText.clean(line))
        case .detail(let line):
            guard verbosity == .verbose else { return }
            write([style(.dim, DisplayText.clean(line))])
        case .transfer(let transfer): show(transfer)
        case .warning(let warning):
            write(ErrorReport.warning(warning.message, at: warning.location, hint: warning.hint, style: style))
        case .output(let buildpack, let line): note(style(.dim, "[\(buildpack)]") + " " + DisplayText.clean(line, keepingColours: true))
        }
    }

    /// A line for everyone who did not ask for quiet.
    package func note(_ line: String) {
        guard !isJSON else { return tell(PhaseEvent.note(line)) }
        guard verbosity != .quiet else { return }
        write([line])
    }

    /// What a command made, for programs.
    func tell(result: [String: JSONValue]) { tell(.result(result)) }

    /// An event, for programs.
    private func tell(_ event: PhaseEvent) {
        switch event {
        case .detail where verbosity != .verbose: return
        case .started, .note, .output, .transfer:
            if verbosity == .quiet { return }
        case .detail, .warning: break
        }
        if case .transfer(let transfer) = event, transfer.state == .moving {
            let isDue = screen.withLock { $0.pace.isDue(transfer.name, at: ContinuousClock.now - start) }
            guard isDue else { return }
        }
        tell(ProgressDocument(event))
    }

    /// Under the lock, so that two threads never mix their lines.
    private func tell(_ document: ProgressDocument) { screen.withLock { _ in StandardStreams.error(document.line()) } }

    /// - Parameter status: the exit status of the command.
    package func fail(_ error: any Error, status: Int32) {
        guard !isJSON else { return tell(ProgressDocument.error(error, status: status)) }
        screen.withLock { $0.board = TransferBoard() }
        write(ErrorReport.lines(for: error, style: style))
    }

    /// Takes away what is drawn anew: nothing comes after this.
    package func finish() {
        screen.withLock { screen in
            screen.board = TransferBoard()
            draw(&screen)
        }
    }

    private func show(_ transfer: Transfer) {
        if isLive {
            screen.withLock { screen in
                screen.board.update(transfer, at: ContinuousClock.now - start)
                // The last one takes the region with it at once: whoever writes next may be another program.
                if screen.board.isEmpty { draw(&screen) } else { keepDrawing(&screen) }
            }
        }
        guard transfer.state == .complete else { return }
        note("\(transfer.direction == .download ? "Downloaded" : "Uploaded") \(transfer.name) (\(formatted(bytes: transfer.done)))")
    }

    /// One task draws for as long as there is something to see.
    private func keepDrawing(_ screen: inout Screen) {
        guard !screen.isDrawn else { return }
        screen.isDrawn = true
        Task.detached {
            repeat { try? await Task.sleep(for: Self.pause) } while self.drawAgain()
        }
    }

    private func drawAgain() -> Bool {
        screen.withLock { screen in
            draw(&screen)
            screen.isDrawn = !screen.board.isEmpty
            return screen.isDrawn
        }
    }

    private func write(_ lines: [String]) {
        screen.withLock { draw(&$0, above: timestamps ? LogTime.now().before(lines) : lines) }
    }

    /// `lines` may have line breaks in them.
    private func draw(_ screen: inout Screen, above lines: [String] = []) {
        guard isLive else { return lines.forEach(StandardStreams.error) }
        let (columns, rows) = TerminalWindow.size(of: STDERR_FILENO)
        // Not before the first drawing is due: short transfers never flicker.
        let region =
            lines.isEmpty || screen.region.isShown
            ? screen.board.lines(at: ContinuousClock.now - start, columns: columns - 1, rows: min(8, rows - 2)) : []
        StandardStreams.errorText(screen.region.output(above: lines, region: region))
    }
}
