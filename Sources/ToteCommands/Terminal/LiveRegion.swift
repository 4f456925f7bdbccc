/// Lines at the bottom of a terminal that are drawn anew again and again, while other lines go above them.
///
/// The cursor always rests where the region begins, so one fixed sequence removes it, in a signal handler as well. Values in, bytes for the
/// terminal out.
struct LiveRegion {
    /// To the start of the line, then nothing from here to the end of the screen.
    static let erasure: StaticString = "\r\u{1b}[J"

    private var shown: [String] = []

    var isShown: Bool { !shown.isEmpty }

    /// What puts `lines` above the region, and then shows the region as `region`.
    mutating func output(above lines: [String] = [], region: [String]) -> String {
        guard !lines.isEmpty || region != shown else { return "" }
        var text = isShown ? "\(Self.erasure)" : ""
        for line in lines { text += line + "\n" }
        shown = region
        guard isShown else { return text }
        // No new line after the last one, which could scroll the screen for nothing.
        text += region.joined(separator: "\n") + "\r"
        if region.count > 1 { text += "\u{1b}[\(region.count - 1)A" }
        return text
    }
}
