/// Typed access to one table that remembers which keys were read, so that a misspelt key can be reported.
///
/// Every accessor answers nil when the key is absent and throws a `TOMLError` at the key when the value has another type.
/// Not `Sendable`: a reader belongs to the code that decodes one document.
package final class TOMLReader {
    package let table: TOMLTable
    /// Dotted path of the table in its document, empty for the document itself.
    package let path: String
    private var asked = TOMLKeySet()
    private var readWhole = TOMLKeySet()
    private var parents = TOMLKeySet()
    /// The readers handed out, in the order of `parents`.
    private var children: [[TOMLReader]] = []

    package init(_ table: TOMLTable, path: String = "") {
        self.table = table
        self.path = path
    }

    /// Whether the key is present; does not count as reading it.
    package func has(_ key: String) -> Bool {
        asked.insert(key)
        return table[key] != nil
    }

    /// The value of any type; the whole subtree counts as read.
    package func value(_ key: String) throws(TOMLError) -> TOMLValue? {
        ignore(key)
        return table[key]
    }

    package func string(_ key: String) throws(TOMLError) -> String? {
        guard let value = try value(key) else { return nil }
        guard case .string(let string) = value else { throw wrongType(key, "a string", value) }
        return string
    }

    package func requiredString(_ key: String) throws(TOMLError) -> String {
        guard let string = try string(key) else { throw error("'\(fullPath(key))' is missing") }
        return string
    }

    package func integer(_ key: String) throws(TOMLError) -> Int64? {
        guard let value = try value(key) else { return nil }
        guard case .integer(let integer) = value else { throw wrongType(key, "an integer", value) }
        return integer
    }

    package func boolean(_ key: String) throws(TOMLError) -> Bool? {
        guard let value = try value(key) else { return nil }
        guard case .boolean(let boolean) = value else { throw wrongType(key, "a boolean", value) }
        return boolean
    }

    package func array(_ key: String) throws(TOMLError) -> [TOMLValue]? {
        guard let value = try value(key) else { return nil }
        guard case .array(let elements) = value else { throw wrongType(key, "an array", value) }
        return elements
    }

    /// An array of strings.
    package func strings(_ key: String) throws(TOMLError) -> [String]? {
        guard let value = try value(key) else { return nil }
        guard case .array(let elements) = value else { throw wrongType(key, "an array of strings", value) }
        var strings: [String] = []
        for element in elements {
            guard case .string(let string) = element else { throw wrongElement(key, "an array of strings", element) }
            strings.append(string)
        }
        return strings
    }

    /// A reader of the sub-table; asking again answers with the same reader.
    package func table(_ key: String) throws(TOMLError) -> TOMLReader? {
        asked.insert(key)
        guard let value = table[key] else { return nil }
        guard case .table(let subtable) = value else { throw wrongType(key, "a table", value) }
        return adopt(key) { [TOMLReader(subtable, path: fullPath(key))] }.first
    }

    /// Readers of the tables of an array; asking again answers with the same readers.
    package func tables(_ key: String) throws(TOMLError) -> [TOMLReader]? {
        asked.insert(key)
        guard let value = table[key] else { return nil }
        guard case .array(let elements) = value else { throw wrongType(key, "an array of tables", value) }
        var subtables: [TOMLTable] = []
        for element in elements {
            guard case .table(let subtable) = element else { throw wrongElement(key, "an array of tables", element) }
            subtables.append(subtable)
        }
        return adopt(key) { subtables.map { TOMLReader($0, path: fullPath(key)) } }
    }

    /// Counts the key and everything under it as read: for tables whose keys are free.
    package func ignore(_ key: String) {
        asked.insert(key)
        readWhole.insert(key)
    }

    /// An error at the key, or at the table when the key is absent.
    package func error(at key: String, _ message: String) -> TOMLError {
        TOMLError(message: message, position: table.position(of: key) ?? position)
    }

    /// An error at the table.
    package func error(_ message: String) -> TOMLError {
        TOMLError(message: message, position: position)
    }

    /// `api` or `buildpack.api`: how messages name a key of this table.
    package func fullPath(_ key: String) -> String {
        let name = TOMLWriter.keyText(key)
        return path.isEmpty ? name : "\(path).\(name)"
    }

    /// Keys that nothing asked for, in document order, here and in every reader handed out. A wholly unread table is one entry.
    package func unreadKeys() -> [TOMLUnreadKey] {
        var unread: [TOMLUnreadKey] = []
        collectUnread(&unread)
        guard unread.allSatisfy({ $0.position != nil }) else { return unread }
        return unread.sorted { left, right in
            guard let left = left.position, let right = right.position else { return false }
            return left < right
        }
    }

    private func collectUnread(_ unread: inout [TOMLUnreadKey]) {
        for entry in table.entries where readWhole.place(of: entry.key) == nil {
            if let place = parents.place(of: entry.key) {
                for reader in children[place] { reader.collectUnread(&unread) }
            } else {
                unread.append(
                    TOMLUnreadKey(path: fullPath(entry.key), key: entry.key, siblings: asked.keys, position: entry.position))
            }
        }
    }

    private var position: TOMLPosition { table.position ?? TOMLPosition(line: 1, column: 1) }

    /// The readers handed out for the key, made at the first call.
    private func adopt(_ key: String, _ make: () -> [TOMLReader]) -> [TOMLReader] {
        if let place = parents.place(of: key) { return children[place] }
        parents.insert(key)
        children.append(make())
        return children[children.count - 1]
    }

    private func wrongType(_ key: String, _ wanted: String, _ value: TOMLValue) -> TOMLError {
        error(at: key, "'\(fullPath(key))' must be \(wanted), found \(value.kindName)")
    }

    private func wrongElement(_ key: String, _ wanted: String, _ element: TOMLValue) -> TOMLError {
        error(at: key, "'\(fullPath(key))' must be \(wanted), found \(element.kindName) in it")
    }
}
