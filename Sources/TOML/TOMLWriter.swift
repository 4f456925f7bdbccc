/// Writes a table in the byte style of the Go package BurntSushi/toml, which the reference lifecycle uses: the bytes of
/// `config/metadata.toml` decide a layer's digest (C-60).
///
/// Plain keys come first, then sub-tables and arrays of tables; each level is indented by two spaces. An empty line stands
/// before every `[[ ]]` header and before every top-level `[ ]` header, unless the text would begin with it.
struct TOMLWriter {
    private(set) var text = ""
    /// Dotted paths of keys whose strings are written as Go's JSON encoder would.
    let jsonPaths: [String]

    init(jsonPaths: [String]) { self.jsonPaths = jsonPaths }

    mutating func write(_ table: TOMLTable) {
        write(table, path: "", depth: 0)
    }

    private mutating func write(_ table: TOMLTable, path: String, depth: Int) {
        for entry in table.entries where !Self.hasHeader(entry.value) {
            indent(depth)
            text += "\(Self.keyText(entry.key)) = "
            write(inline: entry.value, quoting: jsonPaths.contains(Self.join(path, entry.key)) ? .json : .toml)
            text += "\n"
        }
        for entry in table.entries {
            let name = Self.join(path, entry.key)
            switch entry.value {
            case .table(let subtable):
                if depth == 0 { separate() }
                indent(depth)
                text += "[\(name)]\n"
                write(subtable, path: name, depth: depth + 1)
            case .array(let elements) where Self.hasHeader(entry.value):
                for case .table(let element) in elements {
                    separate()
                    indent(depth)
                    text += "[[\(name)]]\n"
                    write(element, path: name, depth: depth + 1)
                }
            default: break
            }
        }
    }

    /// Sub-tables and arrays of nothing but tables; an empty array is a plain key.
    static func hasHeader(_ value: TOMLValue) -> Bool {
        switch value {
        case .table: true
        case .array(let elements):
            !elements.isEmpty
                && elements.allSatisfy { element in
                    if case .table = element { true } else { false }
                }
        default: false
        }
    }

    mutating func write(inline value: TOMLValue, quoting: TOMLQuoting) {
        switch value {
        case .string(let string): text += quoting.quoted(string)
        case .integer(let integer): text += "\(integer)"
        case .float(let float): text += goFloatText(float)
        case .boolean(let boolean): text += boolean ? "true" : "false"
        case .dateTime(let dateTime): text += dateTime.text
        case .array(let elements):
            text += "["
            for (place, element) in elements.enumerated() {
                if place > 0 { text += ", " }
                write(inline: element, quoting: quoting)
            }
            text += "]"
        case .table(let table):
            text += "{"
            for (place, entry) in table.entries.enumerated() {
                if place > 0 { text += ", " }
                text += "\(Self.keyText(entry.key)) = "
                write(inline: entry.value, quoting: quoting)
            }
            text += "}"
        }
    }

    private mutating func indent(_ depth: Int) {
        text += String(repeating: "  ", count: depth)
    }

    private mutating func separate() {
        if !text.isEmpty { text += "\n" }
    }

    /// The key as it is, or quoted when it holds anything but letters, digits, `_` and `-`.
    static func keyText(_ key: String) -> String {
        !key.isEmpty && key.utf8.allSatisfy { $0.isBareKey } ? key : TOMLQuoting.toml.quoted(key)
    }

    private static func join(_ path: String, _ key: String) -> String {
        path.isEmpty ? keyText(key) : "\(path).\(keyText(key))"
    }
}
