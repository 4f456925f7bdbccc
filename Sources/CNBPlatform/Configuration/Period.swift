/// A length of time as people write it: days, hours and minutes.
package struct Period: Equatable, Sendable {
    package var minutes: Int64

    package init(minutes: Int64) { self.minutes = minutes }

    private static let units: [(letter: Character, minutes: Int64)] = [("d", 24 * 60), ("h", 60), ("m", 1)]
    /// A hundred years.
    private static let longest: Int64 = 36500 * 24 * 60

    /// `24h`, `90m`, `5d4h20m`: each unit once at most, the largest first. Nil for anything else.
    package init?(_ text: some StringProtocol) {
        var rest = Substring(text), total: Int64 = 0
        for unit in Self.units {
            let digits = rest.prefix { $0.isASCII && $0.isNumber }
            guard rest.dropFirst(digits.count).first == unit.letter, !digits.isEmpty else { continue }
            guard let count = Int64(digits), count <= Self.longest / unit.minutes else { return nil }
            total += count * unit.minutes
            rest = rest.dropFirst(digits.count + 1)
        }
        guard rest.isEmpty, !text.isEmpty else { return nil }
        minutes = total
    }

    /// Whether less than this has gone by from `then` to `now`, both in seconds since 1970. A time that is still to come is not covered.
    package func covers(_ then: Int64, at now: Int64) -> Bool {
        then <= now && now - then < minutes * 60
    }

    /// Whether at least this has gone by.
    package func hasPassed(since then: Int64, at now: Int64) -> Bool {
        then <= now && now - then >= minutes * 60
    }
}

extension Period: CustomStringConvertible {
    package var description: String {
        var rest = minutes, text = ""
        for unit in Self.units where rest >= unit.minutes {
            text += "\(rest / unit.minutes)\(unit.letter)"
            rest %= unit.minutes
        }
        return text.isEmpty ? "0m" : text
    }
}
