/// Cuts a stream of bytes into lines.
struct LineSplitter {
    /// A longer line is handed out in pieces.
    static let limit = 65536
    private var pending: [UInt8] = []

    mutating func append(_ bytes: some Collection<UInt8>, _ emit: (String) -> Void) {
        var rest = bytes[...]
        while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
            take(rest[..<end], emit)
            emit(flush())
            rest = rest[rest.index(after: end)...]
        }
        take(rest, emit)
    }

    /// What came after the last line end, if anything.
    mutating func finish(_ emit: (String) -> Void) {
        if !pending.isEmpty { emit(flush()) }
    }

    private mutating func take(_ bytes: some Collection<UInt8>, _ emit: (String) -> Void) {
        pending += bytes
        while pending.count > Self.limit {
            // Not in the middle of a character.
            var cut = Self.limit
            while cut > Self.limit - 4, pending[cut] & 0xc0 == 0x80 { cut -= 1 }
            emit(String(decoding: pending[..<cut], as: UTF8.self))
            pending.removeFirst(cut)
        }
    }

    private mutating func flush() -> String {
        defer { pending.removeAll(keepingCapacity: true) }
        return String(decoding: pending, as: UTF8.self)
    }
}
