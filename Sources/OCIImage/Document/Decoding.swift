// Other programs write `null` wherever Go has a nil: for lists, maps and texts it means empty.

extension KeyedDecodingContainer {
    /// Nil for null, absent and empty.
    func nonEmptyString(_ key: Key) throws -> String? {
        let text = try decodeIfPresent(String.self, forKey: key)
        return text?.isEmpty == true ? nil : text
    }

    /// Null elements count as empty texts, as Go reads them.
    func strings(_ key: Key) throws -> [String] {
        try (decodeIfPresent([String?].self, forKey: key) ?? []).map { $0 ?? "" }
    }

    func stringMap(_ key: Key) throws -> [String: String] {
        try (decodeIfPresent([String: String?].self, forKey: key) ?? [:]).mapValues { $0 ?? "" }
    }

    /// Null elements are left out.
    func list<Element: Decodable>(_ key: Key) throws -> [Element] {
        try (decodeIfPresent([Element?].self, forKey: key) ?? []).compactMap { $0 }
    }

    /// The keys of an object that is used as a set: `{"8080/tcp": {}}`.
    func keySet(_ key: Key) throws -> Set<String> {
        Set((try decodeIfPresent([String: OpaqueJSON].self, forKey: key) ?? [:]).keys)
    }
}

extension KeyedEncodingContainer {
    mutating func encodeIfNotEmpty<Value: Encodable & Collection>(_ value: Value, _ key: Key) throws {
        if !value.isEmpty { try encode(value, forKey: key) }
    }

    mutating func encodeIfNotEmpty<Value: Encodable & Collection>(_ value: Value?, _ key: Key) throws {
        if let value { try encodeIfNotEmpty(value, key) }
    }

    mutating func encodeKeySet(_ keys: Set<String>, _ key: Key) throws {
        let object = [String: OpaqueJSON](uniqueKeysWithValues: keys.map { ($0, .object([:])) })
        try encodeIfNotEmpty(object, key)
    }
}

/// A key that is only known at run time.
struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(_ text: String) { stringValue = text }
    init?(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}

extension Decoder {
    /// The members of this object that `known` does not name, without those that say nothing (null or empty).
    func unknownMembers(besides known: Set<String>) throws -> [String: OpaqueJSON] {
        let container = try container(keyedBy: AnyKey.self)
        var members: [String: OpaqueJSON] = [:]
        for key in container.allKeys where !known.contains(key.stringValue) {
            let value = try container.decode(OpaqueJSON.self, forKey: key)
            if !value.isEmpty { members[key.stringValue] = value }
        }
        return members
    }
}

extension Encoder {
    func encode(members: [String: OpaqueJSON]) throws {
        var container = container(keyedBy: AnyKey.self)
        for (key, value) in members { try container.encode(value, forKey: AnyKey(key)) }
    }
}
