/// Reads TOML 1.0 in one pass over the bytes, in time linear in their number.
///
/// This file holds the reading position and the errors; the grammar is in the extensions.
struct TOMLParser {
    /// Levels of tables and arrays, counted together: what walks a parsed document recursively stays within any stack.
    static let maximumDepth = 128

    let bytes: [UInt8]
    var offset: Int
    /// After a byte order mark.
    private let start: Int
    /// A place whose line and column are known. It only moves forward, so that asking for every key's position is linear.
    private var known: (offset: Int, position: TOMLPosition)

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
        start = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        offset = start
        known = (start, TOMLPosition(line: 1, column: 1))
    }

    /// nil at the end.
    var byte: UInt8? { offset < bytes.count ? bytes[offset] : nil }

    func byte(ahead distance: Int) -> UInt8? {
        offset + distance < bytes.count ? bytes[offset + distance] : nil
    }

    /// Steps over the byte if it is next.
    mutating func skip(_ expected: UInt8) -> Bool {
        guard byte == expected else { return false }
        offset += 1
        return true
    }

    /// Steps over a line end if it is next; a carriage return alone is none.
    mutating func skipNewline() -> Bool {
        if byte == .newline {
            offset += 1
            return true
        }
        guard byte == .carriageReturn, byte(ahead: 1) == .newline else { return false }
        offset += 2
        return true
    }

    mutating func skipBlanks() {
        while let byte, byte == .space || byte == .tab { offset += 1 }
    }

    func text(_ range: Range<Int>) -> String {
        String(decoding: bytes[range], as: UTF8.self)
    }

    /// Ask in ascending order; only errors, which come once, may look back.
    mutating func position(at target: Int) -> TOMLPosition {
        if target < known.offset {
            known = (start, TOMLPosition(line: 1, column: 1))
        }
        while known.offset < target {
            let byte = bytes[known.offset]
            if byte == .newline {
                known.position.line += 1
                known.position.column = 1
            } else if byte & 0xC0 != 0x80 {
                known.position.column += 1
            }
            known.offset += 1
        }
        return known.position
    }

    mutating func error(_ message: String, at target: Int? = nil) -> TOMLError {
        TOMLError(message: message, position: position(at: target ?? offset))
    }

    /// `expected ‹what›, found ‹what is next›`
    mutating func expected(_ what: String) -> TOMLError {
        error("expected \(what), found \(nextDescription)")
    }

    var nextDescription: String {
        guard let byte else { return "end of file" }
        switch byte {
        case .newline: return "end of line"
        case .carriageReturn: return self.byte(ahead: 1) == .newline ? "end of line" : "a carriage return"
        case .tab: return "a tab"
        case 0..<0x20, 0x7F: return "control character \(hexadecimal(UInt32(byte), digits: 2))"
        default: break
        }
        var end = offset + 1
        while end < bytes.count, bytes[end] & 0xC0 == 0x80 { end += 1 }
        return "'\(text(offset..<end))'"
    }

    /// Comments and strings may hold any character but control characters other than tab.
    static func isForbiddenControl(_ byte: UInt8) -> Bool {
        byte < 0x20 && byte != .tab || byte == 0x7F
    }

    mutating func forbiddenControl(_ byte: UInt8, in place: String) -> TOMLError {
        error("control character \(hexadecimal(UInt32(byte), digits: 2)) is not allowed in \(place)")
    }
}

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let newline: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")

    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isBareKey: Bool {
        switch self {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    /// The value of a digit in any base up to 16.
    var digitValue: Int? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(self - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(self - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(self - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

/// `U+` and at least the given number of upper-case digits.
func hexadecimal(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, max(4, digits) - text.utf8.count)) + text
}
