package import Glibc

/// The time that `--timestamps` puts before every line, as pack writes it (L-1): local, down to microseconds.
package struct LogTime: Sendable {
    private let text: String

    package init(_ time: timespec) {
        var seconds = time.tv_sec, parts = tm()
        localtime_r(&seconds, &parts)
        func digits(_ value: some BinaryInteger, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        let date = [digits(Int(parts.tm_year) + 1900, 4), digits(parts.tm_mon + 1, 2), digits(parts.tm_mday, 2)]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map { digits($0, 2) }
        text = date.joined(separator: "/") + " " + clock.joined(separator: ":") + "." + digits(time.tv_nsec / 1000, 6)
    }

    package static func now() -> LogTime {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return LogTime(time)
    }

    /// The lines with the time before each; a message of several lines gets it before each of them.
    package func before(_ lines: [String]) -> [String] {
        lines.flatMap { $0.split(separator: "\n", omittingEmptySubsequences: false) }.map { "\(text) \($0)" }
    }
}
