/// Text that may be any bytes: arguments, variables and paths of a process need not be UTF-8 and must pass through unchanged.
package struct ByteText: Equatable, Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }
    package init(stringLiteral value: String) { self.init(value) }

    /// Bytes that are not UTF-8 are replaced: for messages and for names that are known to be UTF-8.
    package var description: String { String(decoding: bytes, as: UTF8.self) }
    package var isEmpty: Bool { bytes.isEmpty }

    package static func + (left: ByteText, right: ByteText) -> ByteText { ByteText(bytes: left.bytes + right.bytes) }

    /// Order of bytes, as the spec sorts names.
    package static func < (left: ByteText, right: ByteText) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// The path with one more name at its end.
    package func appending(_ name: ByteText) -> ByteText {
        ByteText(bytes: bytes.last == UInt8(ascii: "/") ? bytes + name.bytes : bytes + [UInt8(ascii: "/")] + name.bytes)
    }

    /// Itself when absolute, else beneath the directory.
    package func resolved(in directory: ByteText) -> ByteText {
        bytes.first == UInt8(ascii: "/") ? self : directory.appending(self)
    }

    /// What follows the last slash.
    package var lastName: ByteText {
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return self }
        return ByteText(bytes: Array(bytes[(slash + 1)...]))
    }

    func split(_ separator: UInt8) -> [ByteText] {
        bytes.split(separator: separator, omittingEmptySubsequences: false).map { ByteText(bytes: Array($0)) }
    }
}
