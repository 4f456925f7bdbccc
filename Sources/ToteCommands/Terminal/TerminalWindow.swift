import Glibc

/// The window behind a descriptor.
enum TerminalWindow {
    /// Columns and rows; what terminals always had where nobody says.
    static func size(of descriptor: Int32) -> (columns: Int, rows: Int) {
        var window = winsize()
        guard ioctl(descriptor, UInt(TIOCGWINSZ), &window) == 0, window.ws_col > 0, window.ws_row > 0 else { return (80, 24) }
        return (Int(window.ws_col), Int(window.ws_row))
    }

    /// Whether lines can be drawn anew there.
    static func isLive(_ descriptor: Int32, environment: [String: String]) -> Bool {
        isatty(descriptor) == 1 && !["dumb", ""].contains(environment["TERM"] ?? "")
    }
}
