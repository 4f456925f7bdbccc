/// Turns the bytes of one member into that member of a blob: members one after the other are the compressed layer. What comes out depends on
/// the bytes and the encoding only.
protocol MemberCompressor: AnyObject {
    /// Replaces what `output` holds.
    func compress(_ input: UnsafeRawBufferPointer, into output: MemberBuffer)
}

extension LayerEncoding {
    /// For one thread.
    func compressor() -> any MemberCompressor {
        switch self {
        case .none: StoredMembers()
        case .gzip(let level): GzipMemberCompressor(level: level)
        case .zstd(let level): ZstdMemberCompressor(level: level)
        }
    }
}

/// Leaves the bytes as they are.
private final class StoredMembers: MemberCompressor {
    func compress(_ input: UnsafeRawBufferPointer, into output: MemberBuffer) {
        output.replace(capacity: input.count) {
            $0.copyMemory(from: input)
            return input.count
        }
    }
}
