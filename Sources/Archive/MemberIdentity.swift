/// What a member in the making is made of: see ``MemberIndex``.
struct MemberIdentity {
    private let hash = SHA256()
    /// Whether the contents of all files in it are those of the earlier blob.
    private(set) var isKnown = true

    /// Adds an entry; of a file, what the key says of its contents is in `addContents`.
    func add(header: [UInt8]) { hash.update(header) }

    mutating func addContents(at offset: Int64, count: Int, isKnown: Bool) {
        withUnsafeBytes(of: (offset.littleEndian, Int64(count).littleEndian)) { hash.update($0) }
        if !isKnown { self.isKnown = false }
    }

    /// The key; starts again for the next member.
    mutating func finish() -> (key: Digest, isKnown: Bool) {
        defer { isKnown = true }
        return (hash.finish(), isKnown)
    }
}
