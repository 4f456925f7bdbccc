import CZlib
import Diagnostics

/// Reads gzip with any number of members. Checks every checksum; anything but another member after the last one is an error.
final class GzipDecompressor: Decompressor {
    private let input: BlobInput
    /// zlib wants its state at one address for life.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
    private var isInsideMember = false
    private var isFirst = true

    init(_ input: BlobInput) {
        self.input = input
        stream.initialize(to: z_stream())
    }

    deinit {
        if !isFirst { inflateEnd(stream) }
        stream.deallocate()
    }

    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard output.count > 0 else { return 0 }
        while true {
            if !isInsideMember, try !startMember() { return 0 }
            guard try input.fill() else { throw Fault("the gzip data ends too early") }
            let (count, ended) = try inflate(into: output)
            if ended { isInsideMember = false }
            if count > 0 { return count }
        }
    }

    /// False at the end of the blob.
    private func startMember() throws -> Bool {
        guard try input.fill(2) else {
            if isFirst { throw Fault("the gzip data is empty") }
            return false
        }
        guard input.bytes.starts(with: [0x1f, 0x8b]) else { throw Fault("the gzip data is followed by something else") }
        // 16: a gzip header and trailer, nothing else.
        let windowBits: Int32 = 15 + 16
        let status =
            isFirst
            ? inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) : inflateReset(stream)
        guard status == Z_OK else { throw Fault("zlib could not be started (status \(status))") }
        isFirst = false
        isInsideMember = true
        return true
    }

    private func inflate(into output: UnsafeMutableRawBufferPointer) throws -> (count: Int, ended: Bool) {
        let bytes = input.bytes
        // zlib's pointer is not const, but it does not write there.
        stream.pointee.next_in = UnsafeMutablePointer(mutating: bytes.bindMemory(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(bytes.count)
        stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(clamping: output.count)
        let room = Int(stream.pointee.avail_out)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        input.consume(bytes.count - Int(stream.pointee.avail_in))
        let count = room - Int(stream.pointee.avail_out)
        switch status {
        case Z_OK: return (count, false)
        case Z_STREAM_END: return (count, true)
        // No progress with what is at hand: more input is needed, and it was asked for.
        case Z_BUF_ERROR where count > 0 || stream.pointee.avail_in == 0: return (count, false)
        default:
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
            throw Fault("the gzip data is damaged (\(reason))")
        }
    }
}
