import CZstd
import Diagnostics

/// Reads zstd with any number of frames. Windows over 128 MiB are refused, as every standard tool does.
final class ZstdDecompressor: Decompressor {
    private let input: BlobInput
    private let stream: OpaquePointer?
    /// Inside a frame: the end of the blob would be too early.
    private var wantsMore = false

    init(_ input: BlobInput) {
        self.input = input
        stream = ZSTD_createDStream()
    }

    deinit { ZSTD_freeDStream(stream) }

    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard let stream else { throw Fault("zstd could not be started: not enough memory") }
        guard output.count > 0 else { return 0 }
        while true {
            let hasInput = try input.fill()
            if !hasInput, !wantsMore { return 0 }
            let bytes = input.bytes
            var source = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
            var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
            let status = ZSTD_decompressStream(stream, &target, &source)
            guard ZSTD_isError(status) == 0 else {
                throw Fault("the zstd data is damaged (\(String(cString: ZSTD_getErrorName(status))))")
            }
            input.consume(source.pos)
            wantsMore = status != 0
            if target.pos > 0 { return target.pos }
            if !hasInput, wantsMore { throw Fault("the zstd data ends too early") }
        }
    }
}
