/// How a string becomes a basic string.
enum TOMLQuoting {
    /// As BurntSushi/toml writes strings.
    case toml
    /// As Go's JSON encoder writes strings, `<`, `>` and `&` as escapes: what the reference does with commands of processes.
    case json

    func quoted(_ string: String) -> String {
        var bytes: [UInt8] = [.quote]
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"", "\\": bytes += [.backslash, UInt8(truncatingIfNeeded: scalar.value)]
            case "\u{08}": bytes += [.backslash, UInt8(ascii: "b")]
            case "\t": bytes += [.backslash, UInt8(ascii: "t")]
            case "\n": bytes += [.backslash, UInt8(ascii: "n")]
            case "\u{0C}": bytes += [.backslash, UInt8(ascii: "f")]
            case "\r": bytes += [.backslash, UInt8(ascii: "r")]
            case "\u{00}"..<"\u{20}", "\u{7F}": Self.escape(scalar, into: &bytes)
            case "<", ">", "&", "\u{2028}", "\u{2029}":
                if self == .json { Self.escape(scalar, into: &bytes) } else { bytes += Array(String(scalar).utf8) }
            default: bytes += Array(String(scalar).utf8)
            }
        }
        bytes.append(.quote)
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func escape(_ scalar: Unicode.Scalar, into bytes: inout [UInt8]) {
        let digits = String(scalar.value, radix: 16)
        bytes += Array("\\u".utf8) + Array(String(repeating: "0", count: 4 - digits.utf8.count).utf8) + Array(digits.utf8)
    }
}
