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
        /// The path of its first entry; nil for one that goes on with a file.
        var start: RawPath?
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

    private static let heading = "members 4 "
    private static let recordSize = 104

    /// A line with the encoding, and for each member 104 bytes and a path: the key, length and size with their lowest bytes first, the states of
    /// the tar and of the blob, and the path of the first entry or nothing with a NUL at its end. Nil for anything else.
    package init?(_ bytes: [UInt8]) {
        guard let end = bytes.prefix(32).firstIndex(of: UInt8(ascii: "\n")),
            case let line = String(decoding: bytes[..<end], as: UTF8.self), line.hasPrefix(Self.heading),
            let encoding = try? LayerEncoding(parsing: String(line.dropFirst(Self.heading.count)))
        else { return nil }
        self.encoding = encoding
        members = []
        var rest = bytes[(end + 1)...]
        while !rest.isEmpty {
            let record = rest.prefix(Self.recordSize)
            rest = rest.dropFirst(Self.recordSize)
            guard record.count == Self.recordSize, let nul = rest.firstIndex(of: 0), let member = Member(record, path: rest[..<nul]) else {
                return nil
            }
            members.append(member)
            rest = rest[(nul + 1)...]
        }
    }

    package var bytes: [UInt8] {
        var bytes = Array("\(Self.heading)\(encoding)\n".utf8)
        func append(_ number: Int) { bytes += (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
        for member in members {
            bytes += member.key.bytes
            append(member.length)
            append(member.size)
            bytes += member.states.tar.bytes
            bytes += member.states.blob.bytes
            bytes += member.start?.bytes ?? []
            bytes.append(0)
        }
        return bytes
    }
}

extension MemberIndex.Member {
    fileprivate init?(_ record: ArraySlice<UInt8>, path: ArraySlice<UInt8>) {
        func number(at offset: Int) -> Int { record.dropFirst(offset).prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) } }
        guard let key = Digest(bytes: Array(record.prefix(32))),
            let tar = SHA256.State(bytes: record.dropFirst(40).prefix(SHA256.State.size)),
            let blob = SHA256.State(bytes: record.suffix(SHA256.State.size))
        else { return nil }
        self.init(
            key: key, length: number(at: 32), size: number(at: 36), states: MemberIndex.States(tar: tar, blob: blob),
            start: path.isEmpty ? nil : RawPath(bytes: Array(path)))
    }
}
