package import TOML

// TOML metadata becomes the `data` of a label and comes back (Appendix 1).
extension JSONValue {
    /// Date-times become RFC 3339 text, whole floats integers (`1e3` gives `1000`, as measured on the reference).
    package init(_ value: TOMLValue) {
        switch value {
        case .string(let text): self = .string(text)
        case .integer(let integer): self = .integer(integer)
        case .float(let number): self = Int64(exactly: number).map(JSONValue.integer) ?? .number(number)
        case .boolean(let flag): self = .boolean(flag)
        case .dateTime(let moment): self = .string(moment.text)
        case .array(let items): self = .array(items.map(JSONValue.init))
        case .table(let table): self.init(table)
        }
    }

    package init(_ table: TOMLTable) {
        self = .object(table.jsonFields)
    }
}

extension TOMLValue {
    /// Nil for null, which TOML does not have. Keys are sorted, since JSON objects have no order.
    package init?(_ json: JSONValue) {
        switch json {
        case .null: return nil
        case .boolean(let flag): self = .boolean(flag)
        case .integer(let integer): self = .integer(integer)
        case .number(let number): self = .float(number)
        case .string(let text): self = .string(text)
        case .array(let items): self = .array(items.compactMap(TOMLValue.init))
        case .object(let fields): self = .table(TOMLTable(fields))
        }
    }
}

extension TOMLTable {
    var jsonFields: [String: JSONValue] {
        var fields: [String: JSONValue] = [:]
        for key in keys { fields[key] = self[key].map(JSONValue.init) }
        return fields
    }

    package init(_ fields: [String: JSONValue]) {
        self.init(fields.keys.sorted().compactMap { key in fields[key].flatMap(TOMLValue.init).map { (key, $0) } })
    }
}
