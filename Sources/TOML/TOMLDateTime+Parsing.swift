extension TOMLDateTime {
    /// `2024-01-31` and nothing else.
    static func isDate(_ token: ArraySlice<UInt8>) -> Bool {
        token.count == 10 && looksLikeOne(token) && token[token.startIndex + 4] == UInt8(ascii: "-")
    }

    /// Whether the token can only be meant as a date or time: `dddd-` or `dd:`.
    static func looksLikeOne(_ token: ArraySlice<UInt8>) -> Bool {
        let digits = token.prefix { $0.isDigit }.count
        guard digits > 0, digits < token.count else { return false }
        let next = token[token.startIndex + digits]
        return next == UInt8(ascii: "-") || next == UInt8(ascii: ":")
    }

    /// nil when the token is no valid date or time: every field is checked, the day against its month too.
    init?(_ token: ArraySlice<UInt8>) {
        var fields = Fields(rest: token)
        var text: [UInt8] = []
        let hasDate = token.count >= 5 && token[token.startIndex + 4] == UInt8(ascii: "-")
        if hasDate {
            guard fields.takeDate() else { return nil }
            text += token[..<fields.rest.startIndex]
            if fields.rest.isEmpty {
                self.init(kind: .localDate, text: String(decoding: text, as: UTF8.self))
                return
            }
            guard fields.take(UInt8(ascii: "T")) || fields.take(UInt8(ascii: "t")) || fields.take(.space) else { return nil }
            text.append(UInt8(ascii: "T"))
        }
        let timeStart = fields.rest.startIndex
        guard fields.takeTime() else { return nil }
        text += token[timeStart..<fields.rest.startIndex]
        if fields.rest.isEmpty {
            self.init(kind: hasDate ? .localDateTime : .localTime, text: String(decoding: text, as: UTF8.self))
            return
        }
        guard hasDate else { return nil }
        if fields.take(UInt8(ascii: "Z")) || fields.take(UInt8(ascii: "z")) {
            text.append(UInt8(ascii: "Z"))
        } else {
            let offsetStart = fields.rest.startIndex
            guard fields.take(UInt8(ascii: "+")) || fields.take(UInt8(ascii: "-")), fields.number(2, in: 0...23) != nil,
                fields.take(UInt8(ascii: ":")), fields.number(2, in: 0...59) != nil
            else { return nil }
            text += token[offsetStart..<fields.rest.startIndex]
        }
        guard fields.rest.isEmpty else { return nil }
        self.init(kind: .offsetDateTime, text: String(decoding: text, as: UTF8.self))
    }

    private struct Fields {
        var rest: ArraySlice<UInt8>

        mutating func take(_ byte: UInt8) -> Bool {
            guard rest.first == byte else { return false }
            rest = rest.dropFirst()
            return true
        }

        mutating func number(_ digits: Int, in range: ClosedRange<Int>) -> Int? {
            guard rest.count >= digits else { return nil }
            var value = 0
            for byte in rest.prefix(digits) {
                guard byte.isDigit else { return nil }
                value = value * 10 + Int(byte - UInt8(ascii: "0"))
            }
            rest = rest.dropFirst(digits)
            return range.contains(value) ? value : nil
        }

        mutating func takeDate() -> Bool {
            guard let year = number(4, in: 0...9999), take(UInt8(ascii: "-")), let month = number(2, in: 1...12),
                take(UInt8(ascii: "-"))
            else { return false }
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
            return number(2, in: 1...days[month - 1]) != nil
        }

        /// Seconds may be 60: RFC 3339 has leap seconds.
        mutating func takeTime() -> Bool {
            guard number(2, in: 0...23) != nil, take(UInt8(ascii: ":")), number(2, in: 0...59) != nil, take(UInt8(ascii: ":")),
                number(2, in: 0...60) != nil
            else { return false }
            guard take(UInt8(ascii: ".")) else { return true }
            let fraction = rest.prefix { $0.isDigit }.count
            rest = rest.dropFirst(fraction)
            return fraction > 0
        }
    }
}
