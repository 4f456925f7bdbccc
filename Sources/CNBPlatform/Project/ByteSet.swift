/// A set of bytes, as `[…]` writes it. Never holds `/`.
struct ByteSet: Sendable {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    func contains(_ byte: UInt8) -> Bool {
        let word =
            switch byte >> 6 {
            case 0: words.0
            case 1: words.1
            case 2: words.2
            default: words.3
            }
        return word & (1 << UInt64(byte & 63)) != 0
    }

    private mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    private mutating func remove(_ byte: UInt8) {
        if byte >> 6 == 0 { words.0 &= ~(1 << UInt64(byte)) }
    }

    /// Reads from the `[` at `at` and leaves `at` behind the `]`.
    init(pattern bytes: [UInt8], from at: inout Int) throws(IgnorePattern.ProblemFound) {
        var index = at + 1
        let isNegated = index < bytes.count && (bytes[index] == UInt8(ascii: "!") || bytes[index] == UInt8(ascii: "^"))
        if isNegated { index += 1 }
        var isFirst = true
        while true {
            guard index < bytes.count else { throw IgnorePattern.ProblemFound(problem: .openBracket) }
            if bytes[index] == UInt8(ascii: "]"), !isFirst { break }
            isFirst = false
            if let named = Self.namedClass(bytes, at: index) {
                for byte in UInt8.min...UInt8.max where named.contains(byte) { insert(byte) }
                index = named.end
                continue
            }
            let low = try Self.member(bytes, at: &index)
            guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "-"), bytes[index + 1] != UInt8(ascii: "]") else {
                insert(low)
                continue
            }
            index += 1
            let high = try Self.member(bytes, at: &index)
            // A range that runs backwards holds nothing, and the rest of the brackets still counts.
            if low <= high {
                for byte in low...high { insert(byte) }
            }
        }
        at = index + 1
        if isNegated { words = (~words.0, ~words.1, ~words.2, ~words.3) }
        remove(UInt8(ascii: "/"))
    }

    private static func member(_ bytes: [UInt8], at index: inout Int) throws(IgnorePattern.ProblemFound) -> UInt8 {
        if bytes[index] == UInt8(ascii: "\\") { index += 1 }
        guard index < bytes.count else { throw IgnorePattern.ProblemFound(problem: .openBracket) }
        index += 1
        return bytes[index - 1]
    }

    private struct NamedClass {
        var contains: (UInt8) -> Bool
        var end: Int
    }

    private static func namedClass(_ bytes: [UInt8], at index: Int) -> NamedClass? {
        guard index + 1 < bytes.count, bytes[index] == UInt8(ascii: "["), bytes[index + 1] == UInt8(ascii: ":") else { return nil }
        var end = index + 2
        while end < bytes.count, bytes[end] >= UInt8(ascii: "a"), bytes[end] <= UInt8(ascii: "z") { end += 1 }
        guard end + 1 < bytes.count, bytes[end] == UInt8(ascii: ":"), bytes[end + 1] == UInt8(ascii: "]") else { return nil }
        let name = String(decoding: bytes[(index + 2)..<end], as: UTF8.self)
        return classes[name].map { NamedClass(contains: $0, end: end + 2) }
    }

    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alpha": isLetter, "digit": isDigit, "alnum": { isLetter($0) || isDigit($0) },
        "lower": { $0 >= 0x61 && $0 <= 0x7a }, "upper": { $0 >= 0x41 && $0 <= 0x5a },
        "space": { $0 == 0x20 || ($0 >= 0x09 && $0 <= 0x0d) }, "blank": { $0 == 0x20 || $0 == 0x09 },
        "punct": { isGraph($0) && !isLetter($0) && !isDigit($0) }, "graph": isGraph, "print": { $0 >= 0x20 && $0 < 0x7f },
        "cntrl": { $0 < 0x20 || $0 == 0x7f }, "xdigit": { isDigit($0) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x66) },
    ]

    @Sendable private static func isLetter(_ byte: UInt8) -> Bool { byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7a }
    @Sendable private static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }
    @Sendable private static func isGraph(_ byte: UInt8) -> Bool { byte > 0x20 && byte < 0x7f }
}
