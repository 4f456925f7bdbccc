extension TOMLParser {
    /// Any of the four forms; a quote is next.
    mutating func parseString() throws(TOMLError) -> String {
        let start = offset
        let delimiter = bytes[offset]
        guard byte(ahead: 1) == delimiter, byte(ahead: 2) == delimiter else {
            offset += 1
            return try parseSingleLine(delimiter, from: start)
        }
        offset += 3
        _ = skipNewline()  // a line end right after the opening quotes is not part of the string
        return try parseMultiLine(delimiter, from: start)
    }

    private mutating func parseSingleLine(_ delimiter: UInt8, from start: Int) throws(TOMLError) -> String {
        var run = offset
        var result: [UInt8] = []
        while let byte {
            if byte == delimiter {
                offset += 1
                if result.isEmpty { return text(run..<(offset - 1)) }
                result += bytes[run..<(offset - 1)]
                return String(decoding: result, as: UTF8.self)
            }
            if byte == .backslash, delimiter == .quote {
                result += bytes[run..<offset]
                try parseEscape(into: &result)
                run = offset
                continue
            }
            if byte == .newline || byte == .carriageReturn { break }
            if Self.isForbiddenControl(byte) { throw forbiddenControl(byte, in: "a string") }
            offset += 1
        }
        throw error("unterminated string", at: start)
    }

    private mutating func parseMultiLine(_ delimiter: UInt8, from start: Int) throws(TOMLError) -> String {
        var run = offset
        var result: [UInt8] = []
        while let byte {
            if byte == delimiter {
                let quotes = countQuotes(delimiter)
                guard quotes >= 3 else {
                    offset += quotes
                    continue
                }
                // Up to two quotes may stand right before the closing three.
                result += bytes[run..<(offset + min(quotes, 5) - 3)]
                offset += min(quotes, 5)
                return String(decoding: result, as: UTF8.self)
            }
            if byte == .backslash, delimiter == .quote {
                result += bytes[run..<offset]
                if !skipLineContinuation() { try parseEscape(into: &result) }
                run = offset
                continue
            }
            if skipNewline() { continue }
            if Self.isForbiddenControl(byte) { throw forbiddenControl(byte, in: "a string") }
            offset += 1
        }
        throw error("unterminated multi-line string", at: start)
    }

    private func countQuotes(_ delimiter: UInt8) -> Int {
        var count = 0
        while count < 6, byte(ahead: count) == delimiter { count += 1 }
        return count
    }

    /// A backslash, blanks and a line end: everything up to the next visible character is dropped.
    private mutating func skipLineContinuation() -> Bool {
        let start = offset
        offset += 1
        skipBlanks()
        guard skipNewline() else {
            offset = start
            return false
        }
        repeat { skipBlanks() } while skipNewline()
        return true
    }

    /// A backslash is next.
    private mutating func parseEscape(into result: inout [UInt8]) throws(TOMLError) {
        let start = offset
        offset += 1
        guard let byte else { return }  // the caller reports the string as unterminated
        offset += 1
        switch byte {
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "t"): result.append(.tab)
        case UInt8(ascii: "n"): result.append(.newline)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "r"): result.append(.carriageReturn)
        case .quote, .backslash: result.append(byte)
        case UInt8(ascii: "u"): try parseScalar(digits: 4, from: start, into: &result)
        case UInt8(ascii: "U"): try parseScalar(digits: 8, from: start, into: &result)
        default:
            offset = start + 1
            throw error("invalid escape: \(nextDescription) cannot follow a backslash in a string", at: start)
        }
    }

    private mutating func parseScalar(digits: Int, from start: Int, into result: inout [UInt8]) throws(TOMLError) {
        var value: UInt32 = 0
        for _ in 0..<digits {
            guard let digit = byte?.digitValue else { throw error("this escape needs \(digits) hexadecimal digits", at: start) }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        guard let scalar = Unicode.Scalar(value) else {
            throw error("\(hexadecimal(value, digits: 4)) is not a Unicode scalar value", at: start)
        }
        result += UTF8.encode(scalar).map { Array($0) } ?? []
    }
}
