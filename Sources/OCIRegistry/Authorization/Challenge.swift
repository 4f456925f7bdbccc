/// One challenge of a `WWW-Authenticate` header (RFC 7235): `Bearer realm="https://…",service="…",scope="…"`.
struct Challenge: Equatable, Sendable {
    /// In lower case.
    var scheme: String
    /// Names in lower case. Of a name that comes twice, the first counts.
    var parameters: [String: String] = [:]

    /// All challenges of an answer, in order. One header may hold several, and what does not parse is passed over.
    static func parse(_ headers: some Sequence<String>) -> [Challenge] {
        headers.flatMap { header in
            var parser = ChallengeParser(header)
            return parser.challenges()
        }
    }
}

private struct ChallengeParser {
    private let text: [UInt8]
    private var position = 0

    init(_ header: String) { text = Array(header.utf8) }

    mutating func challenges() -> [Challenge] {
        var found: [Challenge] = []
        while true {
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            guard position < text.count else { return found }
            guard let scheme = token() else {
                // Nothing that can start a challenge: on to what follows the next comma.
                skip { $0 != UInt8(ascii: ",") }
                continue
            }
            found.append(Challenge(scheme: scheme.lowercased(), parameters: parameters()))
        }
    }

    /// Up to the next challenge, which shows by a word without `=`. A single value in place of parameters (`Negotiate abc=`) is dropped.
    private mutating func parameters() -> [String: String] {
        var parameters: [String: String] = [:]
        while true {
            let start = position
            skip { $0 == UInt8(ascii: ",") || Self.isSpace($0) }
            guard let name = token() else { return parameters }
            skip(Self.isSpace)
            guard peek == UInt8(ascii: "=") else {
                position = start
                if parameters.isEmpty, !text[start...].prefix(while: Self.isSpace).isEmpty, isSingleValue(after: start) {
                    skip { $0 != UInt8(ascii: ",") }
                }
                return parameters
            }
            position += 1
            skip(Self.isSpace)
            guard let value = quoted() ?? token() else {
                skip { $0 != UInt8(ascii: ",") }
                continue
            }
            parameters[name.lowercased(), default: value] = parameters[name.lowercased()] ?? value
        }
    }

    /// Whether the word after the scheme's space reaches to a comma or the end, as a `token68` does.
    private func isSingleValue(after start: Int) -> Bool {
        let word = text[start...].drop(while: Self.isSpace)
        guard let first = word.first, first != UInt8(ascii: ",") else { return false }
        let rest = word.drop { !Self.isSpace($0) && $0 != UInt8(ascii: ",") }.drop(while: Self.isSpace)
        return rest.first.map { $0 == UInt8(ascii: ",") } ?? true
    }

    private var peek: UInt8? { position < text.count ? text[position] : nil }

    private mutating func skip(_ condition: (UInt8) -> Bool) {
        while position < text.count, condition(text[position]) { position += 1 }
    }

    private mutating func token() -> String? {
        let start = position
        skip(Self.isTokenByte)
        return position == start ? nil : String(decoding: text[start..<position], as: UTF8.self)
    }

    private mutating func quoted() -> String? {
        guard peek == UInt8(ascii: "\"") else { return nil }
        position += 1
        var value: [UInt8] = []
        while let byte = peek {
            position += 1
            if byte == UInt8(ascii: "\"") { return String(decoding: value, as: UTF8.self) }
            if byte == UInt8(ascii: "\\"), let escaped = peek {
                value.append(escaped)
                position += 1
            } else {
                value.append(byte)
            }
        }
        // The closing quote is missing.
        return nil
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        default: "!#$%&'*+-.^_`|~/:".utf8.contains(byte)
        }
    }
}
