/// One pattern of a `.gitignore`, compiled to a small automaton.
///
/// Matching follows all ways through the pattern at once and never goes back, so the time is bounded by the length of the path
/// times the length of the pattern, whatever either holds.
package struct IgnorePattern: Sendable {
    enum Token: Sendable {
        case byte(UInt8)
        /// Any byte but `/`.
        case any
        /// Any number of bytes but `/`.
        case star
        /// `**/`: any number of directories, none included.
        case directories
        case set(ByteSet)
    }

    /// Why a pattern can never match anything.
    package enum Problem: Equatable, Sendable {
        case openBracket
        case loneBackslash

        package var message: String {
            switch self {
            case .openBracket: "the '[' has no ']'"
            case .loneBackslash: "a '\\' must stand before another character"
            }
        }
    }

    /// `!`: what matches is taken out of the selection again.
    let isNegated: Bool
    /// `name/`: only what lies beneath a directory of that name.
    let onlyBeneath: Bool
    let tokens: [Token]

    /// Nil for an empty line or a comment.
    init?(_ text: String) throws(ProblemFound) {
        var bytes = Self.withoutTrailingSpaces(Array(text.utf8))[...]
        guard let first = bytes.first, first != UInt8(ascii: "#") else { return nil }
        isNegated = first == UInt8(ascii: "!")
        if isNegated { bytes.removeFirst() }
        onlyBeneath = bytes.last == UInt8(ascii: "/")
        if onlyBeneath { bytes.removeLast() }
        guard !bytes.isEmpty else { return nil }
        let isAnchored = bytes.contains(UInt8(ascii: "/"))
        if bytes.first == UInt8(ascii: "/") { bytes.removeFirst() }
        tokens = (isAnchored ? [] : [.directories]) + (try Self.tokens(Array(bytes)))
    }

    struct ProblemFound: Error {
        var problem: Problem
    }

    /// Spaces at the end do not count unless the last one is escaped.
    private static func withoutTrailingSpaces(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
        var end = bytes.count
        while end > 0, bytes[end - 1] == UInt8(ascii: " ") { end -= 1 }
        guard end < bytes.count else { return bytes[...] }
        var backslashes = 0
        while backslashes < end, bytes[end - 1 - backslashes] == UInt8(ascii: "\\") { backslashes += 1 }
        return bytes[..<(backslashes % 2 == 1 ? end + 1 : end)]
    }

    private static func tokens(_ bytes: [UInt8]) throws(ProblemFound) -> [Token] {
        var tokens: [Token] = []
        var at = 0
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: "\\"):
                guard at + 1 < bytes.count else { throw ProblemFound(problem: .loneBackslash) }
                tokens.append(.byte(bytes[at + 1]))
                at += 2
            case UInt8(ascii: "?"):
                tokens.append(.any)
                at += 1
            case UInt8(ascii: "["):
                tokens.append(.set(try ByteSet(pattern: bytes, from: &at)))
            case UInt8(ascii: "*"):
                let start = at
                while at < bytes.count, bytes[at] == UInt8(ascii: "*") { at += 1 }
                let opensComponent = start == 0 || bytes[start - 1] == UInt8(ascii: "/")
                if at - start >= 2, opensComponent, at < bytes.count, bytes[at] == UInt8(ascii: "/") {
                    // Said twice it says nothing new, and one place to be in keeps matching fast.
                    if case .directories? = tokens.last {} else { tokens.append(.directories) }
                    at += 1
                } else {
                    // A final `/**` needs no token of its own: a pattern also matches everything beneath what it matches.
                    tokens.append(.star)
                }
            default:
                tokens.append(.byte(bytes[at]))
                at += 1
            }
        }
        return tokens
    }
}
