import CDeflate

/// Turns one member's bytes into one gzip member: modification time 0, no name, operating system 255.
///
/// What it writes depends on its input and level only, so it is part of the format like ``MemberBoundary``.
final class GzipMemberCompressor: MemberCompressor {
    private let compressor: OpaquePointer
    private let storer: OpaquePointer

    init(level: Int) {
        guard let compressor = libdeflate_alloc_compressor(Int32(min(max(level, 1), 12))), let storer = libdeflate_alloc_compressor(0)
        else {
            preconditionFailure("no memory for a compressor")
        }
        self.compressor = compressor
        self.storer = storer
    }

    deinit {
        libdeflate_free_compressor(compressor)
        libdeflate_free_compressor(storer)
    }

    func compress(_ input: UnsafeRawBufferPointer, into output: MemberBuffer) {
        if !Self.looksRandom(input) {
            // Room for one byte less than the input: what does not fit did not shrink.
            output.replace(capacity: input.count) {
                libdeflate_gzip_compress(compressor, input.baseAddress, input.count, $0.baseAddress, max(input.count, 1) - 1)
            }
            if output.count > 0 { return }
        }
        output.replace(capacity: libdeflate_gzip_compress_bound(storer, input.count)) {
            libdeflate_gzip_compress(storer, input.baseAddress, input.count, $0.baseAddress, $0.count)
        }
    }

    /// Whether the bytes look like such a member, with so many bytes in it: it begins with its mark and ends with the length of its contents.
    static func isMember(_ bytes: UnsafeRawBufferPointer, of uncompressed: Int) -> Bool {
        guard bytes.count > 18, bytes[0] == 0x1f, bytes[1] == 0x8b else { return false }
        let size = bytes.suffix(4).reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        return size == UInt32(truncatingIfNeeded: uncompressed)
    }

    /// Whether a sample has bytes as even as noise (compressed media, archives): trying to shrink those is the slowest case and gains
    /// nothing. Integers only, so that every machine decides alike.
    private static func looksRandom(_ input: UnsafeRawBufferPointer) -> Bool {
        let pieces = 64
        let pieceSize = 256
        let sample = pieces * pieceSize
        guard input.count >= 2 * sample else { return false }
        let stride = input.count / pieces
        return withUnsafeTemporaryAllocation(of: Int32.self, capacity: 256) { counts in
            counts.initialize(repeating: 0)
            for piece in 0..<pieces {
                for byte in input[(piece * stride)..<(piece * stride + pieceSize)] { counts[Int(byte)] &+= 1 }
            }
            let squares = counts.reduce(0) { $0 + Int($1) * Int($1) }
            // Noise gives chi² = 256 / sample * squares - sample of 255 ± 23; at 512 an entropy coder could win 0.3 %.
            return squares * 256 / sample - sample <= 512
        }
    }
}
