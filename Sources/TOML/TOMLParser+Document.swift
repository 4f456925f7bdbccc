extension TOMLParser {
    mutating func parseDocument() throws(TOMLError) -> TOMLTable {
        try validateUTF8()
        let root = TOMLTableNode(.header, at: TOMLPosition(line: 1, column: 1))
        var current = (table: root, depth: 0)
        while true {
            skipBlanks()
            guard let byte else { return root.finished() }
            switch byte {
            case .newline, .carriageReturn, UInt8(ascii: "#"):
                break
            case UInt8(ascii: "["):
                current = try parseHeader(root)
            default:
                try parseKeyValue(into: current.table, depth: current.depth)
            }
            try parseLineEnd()
        }
    }

    /// A comment and the end of the line or of the file.
    mutating func parseLineEnd() throws(TOMLError) {
        skipBlanks()
        try skipComment()
        guard skipNewline() || byte == nil else { throw expected("end of line") }
    }

    mutating func skipComment() throws(TOMLError) {
        guard skip(UInt8(ascii: "#")) else { return }
        while let byte, byte != .newline {
            if byte == .carriageReturn, self.byte(ahead: 1) == .newline { return }
            if Self.isForbiddenControl(byte) { throw forbiddenControl(byte, in: "a comment") }
            offset += 1
        }
    }

    /// `[a.b]` or `[[a.b]]`; answers with the table that the following lines belong to.
    private mutating func parseHeader(_ root: TOMLTableNode) throws(TOMLError) -> (TOMLTableNode, Int) {
        let place = position(at: offset)
        offset += 1
        let isArray = skip(UInt8(ascii: "["))
        let keys = try parseKeys(depth: 0)
        if isArray {
            guard skip(UInt8(ascii: "]")), skip(UInt8(ascii: "]")) else {
                throw expected("']]' to close an array-of-tables header")
            }
        } else {
            guard skip(UInt8(ascii: "]")) else { throw expected("']' to close a table header") }
        }
        var parent = root
        for key in keys.dropLast() { parent = try superTable(key, of: parent) }
        let last = keys[keys.count - 1]
        let table = isArray ? try appendTable(last, to: parent, at: place) : try openTable(last, in: parent, at: place)
        return (table, keys.count)
    }

    /// A table named on the way to the one a header defines.
    private mutating func superTable(_ key: Key, of parent: TOMLTableNode) throws(TOMLError) -> TOMLTableNode {
        switch parent.find(key.text) {
        case nil:
            let table = TOMLTableNode(.implicit, at: key.position)
            parent.append(key.text, .table(table), at: key.position)
            return table
        case .table(let table): return table
        case .tables(let array): return array.tables[array.tables.count - 1]
        case .value(let value): throw cannotExtend(key, value)
        }
    }

    private mutating func openTable(_ key: Key, in parent: TOMLTableNode, at place: TOMLPosition) throws(TOMLError) -> TOMLTableNode {
        switch parent.find(key.text) {
        case nil:
            let table = TOMLTableNode(.header, at: place)
            parent.append(key.text, .table(table), at: key.position)
            return table
        case .table(let table) where table.origin == .implicit:
            table.origin = .header
            return table
        case .table(let table):
            let how = table.origin == .dotted ? "by dotted keys " : ""
            throw TOMLError(
                message: "table '\(key.text)' is already defined \(how)on line \(table.position.line)", position: key.position)
        case .tables:
            throw TOMLError(message: "'\(key.text)' is an array of tables, its header must be in '[[ ]]'", position: key.position)
        case .value(let value): throw cannotExtend(key, value)
        }
    }

    private mutating func appendTable(_ key: Key, to parent: TOMLTableNode, at place: TOMLPosition) throws(TOMLError) -> TOMLTableNode {
        let table = TOMLTableNode(.header, at: place)
        switch parent.find(key.text) {
        case nil: parent.append(key.text, .tables(TOMLTablesNode(table)), at: key.position)
        case .tables(let array): array.tables.append(table)
        case .table(let existing):
            throw TOMLError(
                message:
                    "'\(key.text)' is already defined as a table on line \(existing.position.line), it cannot become an array of tables",
                position: key.position)
        case .value(let value): throw cannotExtend(key, value)
        }
        return table
    }

    /// `a.b = value` into the table; also used inside inline tables.
    mutating func parseKeyValue(into table: TOMLTableNode, depth: Int) throws(TOMLError) {
        let keys = try parseKeys(depth: depth)
        var table = table
        for key in keys.dropLast() { table = try dottedTable(key, of: table) }
        let last = keys[keys.count - 1]
        guard skip(UInt8(ascii: "=")) else { throw expected("'=' after the key '\(last.text)'") }
        if table.find(last.text) != nil { throw TOMLError(message: "duplicate key '\(last.text)'", position: last.position) }
        skipBlanks()
        let value = try parseValue(depth: depth + keys.count)
        table.append(last.text, .value(value), at: last.position)
    }

    private mutating func dottedTable(_ key: Key, of parent: TOMLTableNode) throws(TOMLError) -> TOMLTableNode {
        switch parent.find(key.text) {
        case nil:
            let table = TOMLTableNode(.dotted, at: key.position)
            parent.append(key.text, .table(table), at: key.position)
            return table
        case .table(let table) where table.origin != .header:
            table.origin = .dotted
            return table
        case .table(let table):
            throw TOMLError(
                message: "a dotted key cannot add to table '\(key.text)', which has its own header on line \(table.position.line)",
                position: key.position)
        case .tables:
            throw TOMLError(message: "a dotted key cannot add to the array of tables '\(key.text)'", position: key.position)
        case .value(let value): throw cannotExtend(key, value)
        }
    }

    private func cannotExtend(_ key: Key, _ value: TOMLValue) -> TOMLError {
        let what = if case .table = value { "an inline table" } else { value.kindName }
        return TOMLError(message: "'\(key.text)' is already defined as \(what), nothing can be added to it", position: key.position)
    }
}
