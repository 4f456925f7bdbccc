/// Where the parts of a document stand in its text, as ranges of bytes.
struct TOMLOutline {
    /// One `key = value`.
    struct Entry {
        var keys: [String]
        /// With blanks before it and the comment and line end after it.
        var lines: Range<Int>
        /// From the start of its line to its key.
        var indent: Range<Int>
        var value: Range<Int>
    }

    /// A header and what follows it; the first section has no header.
    struct Section {
        /// Empty for the first one.
        var path: [String] = []
        /// Whether its header is in `[[ ]]`.
        var isElement = false
        var entries: [Entry] = []
        /// Comments that stand right above the header are part of it.
        var range: Range<Int>
    }

    var sections: [Section]

    /// `bytes` must be a valid document.
    init(_ bytes: [UInt8]) throws(TOMLError) {
        var parser = TOMLParser(bytes)
        var current = Section(range: parser.offset..<parser.offset)
        sections = []
        /// The first of the comment lines that end at the line before.
        var comments: Int?
        while true {
            let line = parser.offset
            parser.skipBlanks()
            guard let byte = parser.byte else { break }
            switch byte {
            case .newline, .carriageReturn: comments = nil
            case UInt8(ascii: "#"): comments = comments ?? line
            case UInt8(ascii: "["):
                let start = comments ?? line
                current.range = current.range.lowerBound..<start
                sections.append(current)
                current = try Self.header(&parser, start)
                comments = nil
            default:
                let indent = line..<parser.offset
                let keys = try parser.parseKeys(depth: 0).map { $0.text }
                _ = parser.skip(UInt8(ascii: "="))
                parser.skipBlanks()
                let value = parser.offset
                _ = try parser.parseValue(depth: 1)
                current.entries.append(Entry(keys: keys, lines: line..<line, indent: indent, value: value..<parser.offset))
                comments = nil
            }
            let isEntry = current.entries.last?.lines == line..<line
            try parser.parseLineEnd()
            if isEntry { current.entries[current.entries.count - 1].lines = line..<parser.offset }
        }
        current.range = current.range.lowerBound..<parser.offset
        sections.append(current)
    }

    private static func header(_ parser: inout TOMLParser, _ start: Int) throws(TOMLError) -> Section {
        _ = parser.skip(UInt8(ascii: "["))
        let isElement = parser.skip(UInt8(ascii: "["))
        let path = try parser.parseKeys(depth: 0).map { $0.text }
        _ = parser.skip(UInt8(ascii: "]"))
        if isElement { _ = parser.skip(UInt8(ascii: "]")) }
        return Section(path: path, isElement: isElement, range: start..<start)
    }
}
