package import Diagnostics

/// When registries are asked for builder and run images (L-10).
package enum PullPolicy: Equatable, Sendable {
    case always
    case ifNotPresent
    case never
    /// Only when they were not asked for so long.
    case interval(PullInterval)

    package static let standard = PullPolicy.always

    private static let named: [(name: String, policy: PullPolicy)] = [
        ("always", .always), ("if-not-present", .ifNotPresent), ("never", .never), ("hourly", .interval(PullInterval(minutes: 60))),
        ("daily", .interval(PullInterval(minutes: 24 * 60))), ("weekly", .interval(PullInterval(minutes: 7 * 24 * 60))),
    ]

    /// `always`, `if-not-present`, `never`, `hourly`, `daily`, `weekly` or `interval=1d12h30m`.
    package init(parsing text: String) throws(Fault) {
        let prefix = "interval="
        if text.hasPrefix(prefix) {
            self = .interval(try PullInterval(parsing: String(text.dropFirst(prefix.count))))
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

/// How long what a registry said is believed: days, hours and minutes.
package struct PullInterval: Equatable, Sendable {
    package var minutes: Int64

    package init(minutes: Int64) { self.minutes = minutes }

    private static let units: [(letter: Character, minutes: Int64)] = [("d", 24 * 60), ("h", 60), ("m", 1)]
    /// A hundred years.
    private static let longest: Int64 = 36500 * 24 * 60

    /// `24h`, `90m`, `5d4h20m`: each unit once at most, the largest first.
    package init(parsing text: String) throws(Fault) {
        let malformed = Fault(
            "invalid pull policy interval=\(text)", hint: "write days, hours and minutes, such as interval=24h or interval=1d12h30m")
        var rest = Substring(text), total: Int64 = 0
        for unit in Self.units {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard rest.dropFirst(digits.count).first == unit.letter, !digits.isEmpty else { continue }
            guard let count = Int64(digits), count <= Self.longest / unit.minutes else { throw malformed }
            total += count * unit.minutes
            rest = rest.dropFirst(digits.count + 1)
        }
        guard rest.isEmpty, !text.isEmpty else { throw malformed }
        minutes = total
    }

    /// Whether what was learnt at `then` is still believed at `now`, both in seconds since 1970. A time that is still to come is not.
    package func covers(_ then: Int64, at now: Int64) -> Bool {
        then <= now && now - then < minutes * 60
    }
}

extension PullInterval: CustomStringConvertible {
    package var description: String {
        var rest = minutes, text = ""
        for unit in Self.units where rest >= unit.minutes {
            text += "\(rest / unit.minutes)\(unit.letter)"
            rest %= unit.minutes
        }
        return text.isEmpty ? "0m" : text
    }
}
