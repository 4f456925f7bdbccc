package import Diagnostics
import Glibc

/// When the image says it was created (D-58).
package enum CreationTime: Equatable, Sendable {
    case now
    /// Seconds since 1970.
    case seconds(Int64)

    /// `now`, or whole seconds.
    package init(parsing text: String) throws(Fault) {
        if text == "now" {
            self = .now
        } else if let seconds = Int64(text), (0...253_402_300_799).contains(seconds) {
            self = .seconds(seconds)
        } else {
            throw Fault(
                "--creation-time: '\(text)' is not a time", hint: "give seconds since 1970, such as the output of 'date +%s', or 'now'")
        }
    }

    package func resolved() -> Int64 {
        switch self {
        case .now: Int64(time(nil))
        case .seconds(let seconds): seconds
        }
    }
}
