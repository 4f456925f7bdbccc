/// Where the members of a blob are, and what each was made of.
///
/// A member's key is a digest of the headers of its entries, which say paths, kinds, modes, sizes and link targets, and of the parts of
/// files in it. Two members with equal keys are equal bytes if the contents of their files are, which the key does not say.
package struct MemberIndex: Equatable, Sendable {
    struct Member: Equatable, Sendable {
        var key: Digest
        /// Of the compressed member.
        var length: Int
    }

    /// Of the blob.
    let encoding: LayerEncoding
    var members: [Member]

    init(_ encoding: LayerEncoding, _ members: [Member]) {
        self.encoding = encoding
        self.members = members
    }

    private static let recordSize = 36

    /// A line with the encoding, and 36 bytes for each member: the key, and the length with its lowest byte first. Nil for anything else.
    package init?(_ bytes: [UInt8]) {
        guard let end = bytes.prefix(16).firstIndex(of: UInt8(ascii: "\n")),
            let encoding = try? LayerEncoding(parsing: String(decoding: bytes[..<end], as: UTF8.self)),
            (bytes.count - end - 1) % Self.recordSize == 0
        else { return nil }
        self.encoding = encoding
        members = []
        for start in stride(from: end + 1, to: bytes.count, by: Self.recordSize) {
            let record = bytes[start..<(start + Self.recordSize)]
            guard let key = Digest(bytes: Array(record.prefix(32))) else { return nil }
            members.append(Member(key: key, length: record.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }))
        }
    }

    package var bytes: [UInt8] {
        Array("\(encoding)\n".utf8)
            + members.flatMap { member in member.key.bytes + (0..<4).map { UInt8(truncatingIfNeeded: member.length >> (8 * $0)) } }
    }
}
