import CNBSpec

/// A document as YAML: block style, keys sorted, strings quoted as in JSON unless they are plain words.
struct YAMLText {
    let lines: [String]

    init(_ value: JSONValue) { lines = Self.block(value) ?? [Self.inline(value)] }

    /// Nil for what stands behind its key.
    private static func block(_ value: JSONValue) -> [String]? {
        switch value {
        case .object(let fields) where !fields.isEmpty:
            return fields.keys.sorted().flatMap { key in
                let name = inline(.string(key))
                let value = fields[key] ?? .null
                guard let lines = block(value) else { return ["\(name): \(inline(value))"] }
                return ["\(name):"] + lines.map { "  " + $0 }
            }
        case .array(let items) where !items.isEmpty:
            return items.flatMap { item in
                let lines = block(item) ?? [inline(item)]
                return ["- " + lines[0]] + lines.dropFirst().map { "  " + $0 }
            }
        default: return nil
        }
    }

    private static func inline(_ value: JSONValue) -> String {
        switch value {
        case .null: "null"
        case .boolean(let flag): "\(flag)"
        case .integer(let integer): "\(integer)"
        case .number(let number): "\(number)"
        case .string(let text): isPlain(text) ? text : (try? JSONOutput.text(value)) ?? ""
        case .array: "[]"
        case .object: "{}"
        }
    }

    /// Words that are nothing but text to every reader: not numbers, dates, yes or no.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/") || first == UInt8(ascii: "_") else { return false }
        let others = Set("./_-".utf8)
        return text.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || others.contains($0) }
            && !["true", "false", "yes", "no", "on", "off", "null", "y", "n"].contains(text.lowercased())
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
    }
}
