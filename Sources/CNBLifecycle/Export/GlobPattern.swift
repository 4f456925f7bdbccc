package import Archive

/// A pattern with the meaning of Go's `filepath.Match`, which slices use (D-50): `*` and `?` stay within one path component,
/// `[a-c]` and `[^x]` are character classes, `\` takes the next character literally.
package struct GlobPattern: Sendable {
    private enum Token {
        case literal(Unicode.Scalar)
        case any
        case star
        case set(ranges: [ClosedRange<Unicode.Scalar>], negated: Bool)
    }

    private let tokens: [Token]

    /// Nil for a malformed pattern: an open bracket without its end, an empty class, a trailing backslash.
    package init?(_ pattern: String) {
        var tokens: [Token] = []
        var rest = Array(pattern.unicodeScalars)[...]
        while let scalar = rest.popFirst() {
            switch scalar {
            case "*": tokens.append(.star)
            case "?": tokens.append(.any)
            case "[":
                guard let set = Self.characterClass(&rest) else { return nil }
                tokens.append(set)
            case "\\":
                guard let literal = rest.popFirst() else { return nil }
                tokens.append(.literal(literal))
            default: tokens.append(.literal(scalar))
            }
        }
        self.tokens = tokens
    }

    private static func characterClass(_ rest: inout ArraySlice<Unicode.Scalar>) -> Token? {
        let negated = rest.first == "^"
        if negated { rest.removeFirst() }
        var ranges: [ClosedRange<Unicode.Scalar>] = []
        while true {
            if rest.first == "]", !ranges.isEmpty {
                rest.removeFirst()
                return .set(ranges: ranges, negated: negated)
            }
            guard let low = member(&rest) else { return nil }
            var high = low
            if rest.first == "-" {
                rest.removeFirst()
                guard let end = member(&rest) else { return nil }
                high = end
            }
            // Go accepts a reversed range; it matches nothing.
            ranges.append(low <= high ? low...high : "\u{0}"..."\u{0}")
        }
    }

    private static func member(_ rest: inout ArraySlice<Unicode.Scalar>) -> Unicode.Scalar? {
        guard let scalar = rest.popFirst(), scalar != "-", scalar != "]" else { return nil }
        return scalar == "\\" ? rest.popFirst() : scalar
    }

    /// Whether the whole of `path` matches. Takes time proportional to pattern times path at the most.
    package func matches(_ path: RawPath) -> Bool {
        let text = Array(String(decoding: path.bytes, as: UTF8.self).unicodeScalars)
        var token = 0, at = 0
        var star: (token: Int, at: Int)?
        while at < text.count {
            if token < tokens.count, case .star = tokens[token] {
                star = (token, at)
                token += 1
            } else if token < tokens.count, consumes(tokens[token], text[at]) {
                token += 1
                at += 1
            } else if let back = star, text[back.at] != "/" {
                star = (back.token, back.at + 1)
                token = back.token + 1
                at = back.at + 1
            } else {
                return false
            }
        }
        return tokens[token...].allSatisfy { if case .star = $0 { true } else { false } }
    }

    private func consumes(_ token: Token, _ scalar: Unicode.Scalar) -> Bool {
        switch token {
        case .literal(let literal): literal == scalar
        case .any: scalar != "/"
        case .star: false
        // As in Go, a class may match a slash: `[^x]` does.
        case .set(let ranges, let negated): ranges.contains { $0.contains(scalar) } != negated
        }
    }
}
