import CZstd

/// Turns one member's bytes into one zstd frame, which says how long its contents are and has a checksum.
///
/// What it writes depends on its input, its level and the version of libzstd.
final class ZstdMemberCompressor: MemberCompressor {
    private let context: OpaquePointer

    init(level: Int) {
        guard let context = ZSTD_createCCtx() else { preconditionFailure("no memory for a compressor") }
        self.context = context
        ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
        ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    }

    deinit { ZSTD_freeCCtx(context) }

    func compress(_ input: UnsafeRawBufferPointer, into output: MemberBuffer) {
        // The same room whatever the buffer was used for before.
        let room = ZSTD_compressBound(input.count)
        output.replace(capacity: room) {
            let count = ZSTD_compress2(context, $0.baseAddress, room, input.baseAddress, input.count)
            precondition(ZSTD_isError(count) == 0, "zstd cannot compress")
            return count
        }
    }

    /// Whether the bytes look like such a frame, with so many bytes in it.
    static func isFrame(_ bytes: UnsafeRawBufferPointer, of uncompressed: Int) -> Bool {
        ZSTD_getFrameContentSize(bytes.baseAddress, bytes.count) == UInt64(uncompressed)
    }
}
