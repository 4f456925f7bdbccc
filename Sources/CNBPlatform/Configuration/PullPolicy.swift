package import Diagnostics

/// When registries are asked for builder and run images (L-10).
package enum PullPolicy: Equatable, Sendable {
    case always
    case ifNotPresent
    case never
    /// Only when they were not asked for so long.
    case interval(Period)

    package static let standard = PullPolicy.always

    private static let named: [(name: String, policy: PullPolicy)] = [
        ("always", .always), ("if-not-present", .ifNotPresent), ("never", .never), ("hourly", .interval(Period(minutes: 60))),
        ("daily", .interval(Period(minutes: 24 * 60))), ("weekly", .interval(Period(minutes: 7 * 24 * 60))),
    ]

    /// `always`, `if-not-present`, `never`, `hourly`, `daily`, `weekly` or `interval=1d12h30m`.
    package init(parsing text: String) throws(Fault) {
        let prefix = "interval="
        if text.hasPrefix(prefix) {
            guard let period = Period(text.dropFirst(prefix.count)) else {
                throw Fault(
                    "invalid pull policy \(text)", hint: "write days, hours and minutes, such as interval=24h or interval=1d12h30m")
            }
            self = .interval(period)
            return
        }
        guard let found = Self.named.first(where: { $0.name == text }) else {
            let names = Self.named.map(\.name)
            let hint = Suggestion.nearest(to: text, among: names).map { "did you mean '\($0)'?" }
            throw Fault("invalid pull policy \(text)", hint: hint ?? "choose one of \(names.joined(separator: ", ")), interval=TIME")
        }
        self = found.policy
    }
}

extension PullPolicy: CustomStringConvertible {
    /// As it is written: every time between two questions has one spelling.
    package var description: String {
        if let named = Self.named.first(where: { $0.policy == self }) { return named.name }
        guard case .interval(let interval) = self else { return "" }
        return "interval=\(interval)"
    }
}
