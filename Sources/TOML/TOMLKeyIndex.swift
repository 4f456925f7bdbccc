/// Finds keys of one table in constant time. Small tables are searched in order and have no index.
///
/// Keys are compared by bytes: two spellings of `é` are two keys in TOML and one for Swift's `String`.
struct TOMLKeyIndex: Sendable {
    private static let smallest = 12
    private var slots: [TOMLKey: Int] = [:]

    /// Where the key stands among the first `count` keys.
    func find(_ key: String, count: Int, keyAt: (Int) -> String) -> Int? {
        if !slots.isEmpty { return slots[TOMLKey(text: key)] }
        for slot in 0..<count where haveSameBytes(keyAt(slot), key) { return slot }
        return nil
    }

    /// Call after key number `count - 1` was appended.
    mutating func appended(count: Int, keyAt: (Int) -> String) {
        if !slots.isEmpty {
            slots[TOMLKey(text: keyAt(count - 1))] = count - 1
        } else if count >= Self.smallest {
            rebuild(count: count, keyAt: keyAt)
        }
    }

    /// Call after keys were removed.
    mutating func rebuild(count: Int, keyAt: (Int) -> String) {
        slots = [:]
        guard count >= Self.smallest else { return }
        slots.reserveCapacity(count)
        for slot in 0..<count { slots[TOMLKey(text: keyAt(slot))] = slot }
    }
}

/// Keys in the order they were first inserted.
struct TOMLKeySet: Sendable {
    private(set) var keys: [String] = []
    private var index = TOMLKeyIndex()

    func place(of key: String) -> Int? {
        index.find(key, count: keys.count) { keys[$0] }
    }

    mutating func insert(_ key: String) {
        guard place(of: key) == nil else { return }
        keys.append(key)
        index.appended(count: keys.count) { keys[$0] }
    }
}

private struct TOMLKey: Hashable, Sendable {
    let text: String

    static func == (left: TOMLKey, right: TOMLKey) -> Bool { haveSameBytes(left.text, right.text) }

    func hash(into hasher: inout Hasher) {
        var text = text
        text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }
}

func haveSameBytes(_ left: String, _ right: String) -> Bool {
    left.utf8.count == right.utf8.count && left.utf8.elementsEqual(right.utf8)
}
