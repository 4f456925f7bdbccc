import Glibc

/// Colours for one output stream: on when a person watches it and wants colours.
package struct Style: Sendable {
    package enum Tone: Sendable {
        case bold, dim, red, yellow, green, cyan
    }

    package let enabled: Bool

    package init(enabled: Bool) {
        self.enabled = enabled
    }

    /// Looks at the descriptor and at `NO_COLOR`, `TERM` and `FORCE_COLOR` (which beats all but `--no-color`).
    package init(descriptor: Int32, environment: [String: String], disabled: Bool) {
        let set = { (name: String) in environment[name].map { !$0.isEmpty } ?? false }
        if disabled || set("NO_COLOR") {
            enabled = false
        } else if set("FORCE_COLOR") || set("CLICOLOR_FORCE") {
            enabled = true
        } else {
            enabled = isatty(descriptor) == 1 && environment["TERM"] != "dumb"
        }
    }

    package func callAsFunction(_ tone: Tone, _ text: String) -> String {
        guard enabled else { return text }
        let code =
            switch tone {
            case .bold: "1"
            case .dim: "2"
            case .red: "31"
            case .yellow: "33"
            case .green: "32"
            case .cyan: "36"
            }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
}
