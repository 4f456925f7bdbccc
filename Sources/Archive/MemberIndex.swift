/// Where the members of a blob are, and what each was made of.
///
/// A member's key is a digest of the headers of its entries, which say paths, kinds, modes, sizes and link targets, and of the parts of
/// files in it. Two members with equal keys are equal bytes if the contents of their files are, which the key does not say.
package struct MemberIndex: Equatable, Sendable {
    struct Member: Equatable, Sendable {
        var key: Digest
        /// Of the compressed member.
        var length: Int
        /// Of its part of the tar.
        var size: Int
        /// The hashes in the making before it.
        var states: States
    }

    /// Where the hashes of a layer stand before a member.
    struct States: Equatable, Sendable {
        /// Of the diffID: members end with whole blocks.
        var tar: SHA256.State
        /// Of the blob, after the last whole block before the member.
        var blob: SHA256.State
    }

    /// Of the blob.
    let encoding: LayerEncoding
    var members: [Member]

    init(_ encoding: LayerEncoding, _ members: [Member]) {
        self.encoding = encoding
        self.members = members
    }

    private static let heading = "members 3 "
    private static let recordSize = 104

    /// A line with the encoding, and 104 bytes for each member: the key, length and size with their lowest bytes first, and the states of the
    /// tar and of the blob. Nil for anything else.
    package init?(_ bytes: [UInt8]) {
        guard let end = bytes.prefix(32).firstIndex(of: UInt8(ascii: "\n")),
            case let line = String(decoding: bytes[..<end], as: UTF8.self), line.hasPrefix(Self.heading),
            let encoding = try? LayerEncoding(parsing: String(line.dropFirst(Self.heading.count))),
            (bytes.count - end - 1) % Self.recordSize == 0
        else { return nil }
        self.encoding = encoding
        members = []
        for start in stride(from: end + 1, to: bytes.count, by: Self.recordSize) {
            let record = bytes[start..<(start + Self.recordSize)]
            func number(at offset: Int) -> Int {
                record[(start + offset)..<(start + offset + 4)].reversed().reduce(0) { $0 << 8 | Int($1) }
            }
            guard let key = Digest(bytes: Array(record.prefix(32))),
                let tar = SHA256.State(bytes: record.dropFirst(40).prefix(SHA256.State.size)),
                let blob = SHA256.State(bytes: record.suffix(SHA256.State.size))
            else { return nil }
            let states = States(tar: tar, blob: blob)
            members.append(Member(key: key, length: number(at: 32), size: number(at: 36), states: states))
        }
    }

    package var bytes: [UInt8] {
        func text(_ number: Int) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        return Array("\(Self.heading)\(encoding)\n".utf8)
            + members.flatMap { $0.key.bytes + text($0.length) + text($0.size) + $0.states.tar.bytes + $0.states.blob.bytes }
    }
}
