/// Where the gzip members of a layer end: a function of what stands nearby, not of offsets, so that one changed file changes few
/// members of the blob.
///
/// This is part of the format: any change changes the digests of blobs (diffIDs stay).
enum MemberBoundary {
    /// Files of this size start a member of their own and are cut after every so many bytes of contents.
    static let cut = 256 << 10
    /// A member of this size ends with the entry.
    private static let limit = 1 << 20

    /// Whether a member that holds `count` bytes ends before this entry.
    static func ends(memberOf count: Int, before header: TarHeader) -> Bool {
        guard count > 0 else { return false }
        if header.kind == .file, cuts(fileOf: header.size) { return true }
        return count >= limit || (count >= cut && hash(header.path) % 8 == 0)
    }

    static func cuts(fileOf size: Int64) -> Bool { size >= Int64(cut) }

    /// FNV-1a with 64 bits, its high half folded in because the low bits alone mix poorly.
    private static func hash(_ path: RawPath) -> UInt64 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in path.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash ^ (hash >> 32)
    }
}
