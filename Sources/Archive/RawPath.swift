import Glibc

/// A path, or one name, of any bytes: what a tree or an archive really holds, UTF-8 or not.
///
/// Ordered by bytes, so sorting is the same in every locale.
package struct RawPath: Hashable, Sendable {
    package var bytes: [UInt8]

    package init(bytes: [UInt8]) { self.bytes = bytes }
    package init(_ string: String) { bytes = Array(string.utf8) }

    package var isEmpty: Bool { bytes.isEmpty }

    /// For messages: bytes that are not UTF-8 show as U+FFFD, control characters escaped.
    package var string: String {
        let text = String(decoding: bytes, as: UTF8.self)
        guard text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7f }) else { return text }
        return text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? $0.escaped(asASCII: true) : String($0) }.joined()
    }

    /// The two joined by exactly one slash; an empty side gives the other one.
    package func appending(_ name: RawPath) -> RawPath {
        if bytes.isEmpty { return name }
        if name.bytes.isEmpty { return self }
        let end = bytes.lastIndex { $0 != slash }.map { $0 + 1 } ?? 0
        let start = name.bytes.firstIndex { $0 != slash } ?? name.bytes.count
        var joined: [UInt8] = []
        joined.reserveCapacity(end + 1 + name.bytes.count - start)
        joined += bytes[..<end]
        joined.append(slash)
        joined += name.bytes[start...]
        return RawPath(bytes: joined)
    }

    /// The names between slashes, without empty ones and ".": "/a//b/./c/" gives a, b, c. ".." is kept.
    package var components: [RawPath] {
        bytes.split(separator: slash).filter { $0 != [dot] }.map { RawPath(bytes: Array($0)) }
    }

    /// Everything before the last component, and that component; nil for a path that names no entry ("", "/", ".", "a/..").
    package var split: (parent: RawPath, name: RawPath)? {
        var end = bytes.count
        while end > 0, bytes[end - 1] == slash { end -= 1 }
        guard let cut = bytes[..<end].lastIndex(of: slash) else {
            let name = RawPath(bytes: Array(bytes[..<end]))
            return name.isOneName ? (RawPath(bytes: []), name) : nil
        }
        let name = RawPath(bytes: Array(bytes[(cut + 1)..<end]))
        return name.isOneName ? (RawPath(bytes: Array(bytes[...cut])), name) : nil
    }

    /// Whether this can name an entry of a directory.
    package var isOneName: Bool {
        !bytes.isEmpty && bytes != [dot] && bytes != [dot, dot] && !bytes.contains(slash) && !bytes.contains(0)
    }

    package func withCString<R>(_ body: (UnsafePointer<CChar>) throws -> R) rethrows -> R {
        try withUnsafeTemporaryAllocation(of: CChar.self, capacity: bytes.count + 1) { copy in
            copy.initialize(repeating: 0)
            UnsafeMutableRawBufferPointer(copy).copyBytes(from: bytes)
            guard let start = copy.baseAddress else { preconditionFailure("one byte at least was allocated") }
            return try body(start)
        }
    }
}

let slash = UInt8(ascii: "/")
let dot = UInt8(ascii: ".")

extension RawPath: Comparable {
    package static func < (a: RawPath, b: RawPath) -> Bool {
        let order = a.bytes.withUnsafeBytes { left in
            b.bytes.withUnsafeBytes { right in
                guard let left = left.baseAddress, let right = right.baseAddress else { return Int32(0) }
                return memcmp(left, right, min(a.bytes.count, b.bytes.count))
            }
        }
        return order != 0 ? order < 0 : a.bytes.count < b.bytes.count
    }
}

extension RawPath: ExpressibleByStringLiteral, CustomStringConvertible {
    package init(stringLiteral value: String) { self.init(value) }
    package var description: String { string }
}

/// What calls on a ``ConfinedDirectory`` take as a path: text, or raw bytes.
package protocol TreePath {
    var rawPath: RawPath { get }
}

extension String: TreePath {
    package var rawPath: RawPath { RawPath(self) }
}

extension RawPath: TreePath {
    package var rawPath: RawPath { self }
}
