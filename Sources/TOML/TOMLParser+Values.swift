extension TOMLParser {
    /// `depth` is the number of tables and arrays around the value plus one.
    mutating func parseValue(depth: Int) throws(TOMLError) -> TOMLValue {
        switch byte {
        case .quote, .apostrophe: return .string(try parseString())
        case UInt8(ascii: "["): return .array(try parseArray(depth: depth))
        case UInt8(ascii: "{"): return .table(try parseInlineTable(depth: depth))
        default: return try parseScalarValue()
        }
    }

    private mutating func parseArray(depth: Int) throws(TOMLError) -> [TOMLValue] {
        try checkDepth(depth)
        let start = offset
        offset += 1
        var elements: [TOMLValue] = []
        while true {
            try skipBlankLines()
            if skip(UInt8(ascii: "]")) { return elements }
            if byte == nil { throw error("unterminated array", at: start) }
            elements.append(try parseValue(depth: depth + 1))
            try skipBlankLines()
            if skip(UInt8(ascii: ",")) { continue }
            if byte == nil { throw error("unterminated array", at: start) }
            guard byte == UInt8(ascii: "]") else { throw expected("',' or ']' in an array") }
        }
    }

    /// Blanks, line ends and comments, as they may stand between the elements of an array.
    private mutating func skipBlankLines() throws(TOMLError) {
        repeat {
            skipBlanks()
            try skipComment()
        } while skipNewline()
    }

    /// One line, no comma after the last pair (TOML 1.0).
    private mutating func parseInlineTable(depth: Int) throws(TOMLError) -> TOMLTable {
        try checkDepth(depth)
        let table = TOMLTableNode(.header, at: position(at: offset))
        offset += 1
        skipBlanks()
        if skip(UInt8(ascii: "}")) { return table.finished() }
        while true {
            try parseKeyValue(into: table, depth: depth)
            skipBlanks()
            if skip(UInt8(ascii: "}")) { return table.finished() }
            guard skip(UInt8(ascii: ",")) else { throw expected("',' or '}' in an inline table") }
        }
    }

    private mutating func checkDepth(_ depth: Int) throws(TOMLError) {
        guard depth <= Self.maximumDepth else { throw error("values nested deeper than \(Self.maximumDepth)") }
    }

    /// A value without quotes or brackets: its end is found first, then it must be exactly one of the forms.
    private mutating func parseScalarValue() throws(TOMLError) -> TOMLValue {
        let start = offset
        skipScalarBytes()
        guard offset > start else { throw expected("a value") }
        if TOMLDateTime.isDate(bytes[start..<offset]), byte == .space, byte(ahead: 1)?.isDigit == true {
            offset += 1  // RFC 3339 lets a space stand for the T
            skipScalarBytes()
        }
        let token = bytes[start..<offset]
        switch token.first {
        case UInt8(ascii: "t") where token.elementsEqual("true".utf8): return .boolean(true)
        case UInt8(ascii: "f") where token.elementsEqual("false".utf8): return .boolean(false)
        default: break
        }
        if TOMLDateTime.looksLikeOne(token) {
            guard let dateTime = TOMLDateTime(token) else { throw error("invalid date or time '\(excerpt(token))'", at: start) }
            return .dateTime(dateTime)
        }
        switch TOMLNumber(token) {
        case .integer(let value): return .integer(value)
        case .float(let value): return .float(value)
        case .outOfRange: throw error("integer '\(excerpt(token))' does not fit in 64 bits", at: start)
        case .leadingZero: throw error("number '\(excerpt(token))' must not start with a zero", at: start)
        case .invalid: throw error("invalid value '\(excerpt(token))'", at: start)
        }
    }

    private mutating func skipScalarBytes() {
        while let byte, byte.isBareKey || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") || byte == UInt8(ascii: ":") {
            offset += 1
        }
    }

    private func excerpt(_ token: ArraySlice<UInt8>) -> String {
        token.count > 60 ? String(decoding: token.prefix(60), as: UTF8.self) + "…" : String(decoding: token, as: UTF8.self)
    }
}
