/// A table of TOML that keeps the order of its keys and where they stood in the text.
package struct TOMLTable: Sendable {
    struct Entry: Sendable {
        var key: String
        var value: TOMLValue
        var position: TOMLPosition?
    }

    private(set) var entries: [Entry] = []
    private var index = TOMLKeyIndex()
    /// Where the table's header or opening brace stood; nil for tables made by code.
    package internal(set) var position: TOMLPosition?

    package init() {}

    /// A later pair replaces an earlier one with the same key.
    package init(_ pairs: [(String, TOMLValue)]) {
        for (key, value) in pairs { self[key] = value }
    }

    /// For the parser, which has checked that the keys are distinct and has built their index.
    init(entries: [Entry], index: TOMLKeyIndex, position: TOMLPosition?) {
        self.entries = entries
        self.index = index
        self.position = position
    }

    /// Reads a whole document of TOML 1.0. Invalid UTF-8 and more than 128 levels of nesting are errors.
    package static func parse(_ bytes: [UInt8]) throws(TOMLError) -> TOMLTable {
        var parser = TOMLParser(bytes)
        return try parser.parseDocument()
    }

    /// Reads a whole document of TOML 1.0.
    package static func parse(_ text: String) throws(TOMLError) -> TOMLTable {
        try parse(Array(text.utf8))
    }

    /// The keys in document order.
    package var keys: [String] { entries.map { $0.key } }
    package var isEmpty: Bool { entries.isEmpty }
    package var count: Int { entries.count }

    /// Setting replaces in place or appends; setting nil removes.
    package subscript(_ key: String) -> TOMLValue? {
        get { slot(of: key).map { entries[$0].value } }
        set {
            switch (slot(of: key), newValue) {
            case (let slot?, let value?):
                entries[slot].value = value
            case (let slot?, nil):
                entries.remove(at: slot)
                index.rebuild(count: entries.count) { entries[$0].key }
            case (nil, let value?):
                entries.append(Entry(key: key, value: value, position: nil))
                index.appended(count: entries.count) { entries[$0].key }
            case (nil, nil):
                break
            }
        }
    }

    /// Where the key stood in the text: for a sub-table its place in the first header or dotted key that names it.
    package func position(of key: String) -> TOMLPosition? {
        slot(of: key).flatMap { entries[$0].position }
    }

    /// The table as a TOML document, see `TOMLWriter`.
    ///
    /// `jsonPaths` are dotted paths of keys whose strings are written as Go's JSON encoder writes them: the reference does
    /// that with `processes.command` of metadata.toml, where `&` becomes `\u0026`.
    package func serialized(jsonPaths: [String] = []) -> String {
        var writer = TOMLWriter(jsonPaths: jsonPaths)
        writer.write(self)
        return writer.text
    }

    private func slot(of key: String) -> Int? {
        index.find(key, count: entries.count) { entries[$0].key }
    }
}

extension TOMLTable: Equatable {
    /// Order and positions do not count.
    package static func == (left: TOMLTable, right: TOMLTable) -> Bool {
        guard left.entries.count == right.entries.count else { return false }
        return left.entries.allSatisfy { right[$0.key] == $0.value }
    }
}
