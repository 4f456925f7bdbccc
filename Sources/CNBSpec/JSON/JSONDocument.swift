package import Diagnostics

/// A document that lives in an image label or a JSON file.
package protocol JSONDocument: Codable, Sendable {
    init(json: JSONValue) throws
    var json: JSONValue { get }
}

extension JSONDocument {
    package init(from decoder: any Decoder) throws {
        try self.init(json: JSONValue(from: decoder))
    }

    package func encode(to encoder: any Encoder) throws {
        try json.encode(to: encoder)
    }

    /// Reads the text of a label; an error names the label.
    package init(label name: String, text: String) throws(Fault) {
        do {
            try self.init(json: JSONValue(parsing: text))
        } catch {
            throw Fault("reading label '\(name)'", cause: error)
        }
    }

    /// The text for a label.
    package func labelText() throws(Fault) -> String {
        try json.text()
    }
}

/// The fields of one JSON object. Taking a field removes it, so that `rest` is what nobody knew: kept, and written back.
struct JSONFields {
    private(set) var rest: [String: JSONValue]

    init(_ json: JSONValue) throws {
        guard case .object(let fields) = json else { throw Fault("must be an object") }
        rest = fields
    }

    /// Nil when absent or null.
    mutating func value(_ key: String) -> JSONValue? {
        let value = rest.removeValue(forKey: key)
        return value == .null ? nil : value
    }

    mutating func string(_ key: String) throws -> String? {
        guard let value = value(key) else { return nil }
        guard case .string(let text) = value else { throw Fault("'\(key)' must be a string") }
        return text
    }

    mutating func boolean(_ key: String) throws -> Bool? {
        guard let value = value(key) else { return nil }
        guard case .boolean(let flag) = value else { throw Fault("'\(key)' must be true or false") }
        return flag
    }

    /// Empty when absent or null.
    mutating func array(_ key: String) throws -> [JSONValue] {
        guard let value = value(key) else { return [] }
        guard case .array(let items) = value else { throw Fault("'\(key)' must be an array") }
        return items
    }

    mutating func strings(_ key: String) throws -> [String] {
        try array(key).map { item in
            guard case .string(let text) = item else { throw Fault("'\(key)' must hold strings") }
            return text
        }
    }

    /// Empty when absent or null.
    mutating func object(_ key: String) throws -> [String: JSONValue] {
        guard let value = value(key) else { return [:] }
        guard case .object(let fields) = value else { throw Fault("'\(key)' must be an object") }
        return fields
    }
}
