extension TOMLParser {
    struct Key {
        var text: String
        var position: TOMLPosition
    }

    /// `a . "b" . 'c'` with the blanks around it: at least one key, and none too deep under a table of the given depth.
    mutating func parseKeys(depth: Int) throws(TOMLError) -> [Key] {
        var keys: [Key] = []
        repeat {
            skipBlanks()
            let start = offset
            let text = try parseKey()
            keys.append(Key(text: text, position: position(at: start)))
            guard depth + keys.count <= Self.maximumDepth else { throw error("keys nested deeper than \(Self.maximumDepth)", at: start) }
            skipBlanks()
        } while skip(UInt8(ascii: "."))
        return keys
    }

    private mutating func parseKey() throws(TOMLError) -> String {
        if byte == .quote || byte == .apostrophe {
            if byte(ahead: 1) == byte, byte(ahead: 2) == byte { throw error("a multi-line string cannot be a key") }
            return try parseString()
        }
        let start = offset
        while let byte, byte.isBareKey { offset += 1 }
        guard offset > start else { throw expected("a key") }
        return text(start..<offset)
    }
}
