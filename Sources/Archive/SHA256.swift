import COpenSSL

/// A running sha256. Not for use by two threads at once.
package final class SHA256 {
    /// What is left of all whole blocks so far: enough to go on from there.
    struct State: Equatable, Sendable {
        /// 8 words, the highest byte of each first.
        let bytes: [UInt8]

        static let size = 32
        /// Bytes of a block.
        static let blockSize = 64

        /// Nil for another number of bytes.
        init?(bytes: some Collection<UInt8>) {
            guard bytes.count == Self.size else { return nil }
            self.bytes = Array(bytes)
        }

        fileprivate init(_ words: [UInt32]) {
            bytes = words.flatMap { word in stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> UInt32($0)) } }
        }
    }

    private var context = SHA256_CTX()

    package init() { start() }

    /// Goes on after `count` bytes, a multiple of 64, which left `state`.
    init(after count: Int64, _ state: State) {
        start()
        let words = stride(from: 0, to: State.size, by: 4).map { at in state.bytes[at..<(at + 4)].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        }
        context.h = (words[0], words[1], words[2], words[3], words[4], words[5], words[6], words[7])
        let bits = UInt64(bitPattern: count) << 3
        context.Nl = UInt32(truncatingIfNeeded: bits)
        context.Nh = UInt32(truncatingIfNeeded: bits >> 32)
    }

    /// After the last whole block: what came since then is not in it.
    var state: State {
        let h = context.h
        return State([h.0, h.1, h.2, h.3, h.4, h.5, h.6, h.7])
    }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        SHA256_Update(&context, start, bytes.count)
    }

    package func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of everything so far; starts again from nothing.
    package func finish() -> Digest {
        var bytes = [UInt8](repeating: 0, count: 32)
        SHA256_Final(&bytes, &context)
        start()
        guard let digest = Digest(bytes: bytes) else { preconditionFailure("a sha256 has 32 bytes") }
        return digest
    }

    private func start() { SHA256_Init(&context) }
}
