import CZlib
import Diagnostics
import Glibc

/// An open zip file that closes with its last owner.
final class ZipFile: Sendable {
    /// Of the header before an entry's data, without the name.
    static let headerSize = 30
    private static let pieceSize = 64 << 10

    let descriptor: Int32
    /// How messages name it.
    let shown: String

    init(_ path: String, shown: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        self.shown = shown
        guard descriptor >= 0 else { throw Fault(system: "opening '\(shown)'") }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// `count` bytes at an offset, fewer at the end of the file.
    func read(_ offset: Int64, _ count: Int) throws -> [UInt8] {
        try [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            while filled < count, let start = buffer.baseAddress {
                let read = pread(descriptor, start + filled, count - filled, off_t(offset) + filled)
                if read < 0, errno == EINTR { continue }
                guard read >= 0 else { throw Fault(system: "reading '\(shown)'") }
                if read == 0 { return }
                filled += read
            }
        }
    }

    /// Hands the entry's contents on in pieces. Never more than the size that the entry states; throws when there is less, when there
    /// would be more, or when the checksum is another.
    func contents(of entry: ZipEntry, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        let output = ZipOutput(entry)
        let start = try dataOffset(of: entry)
        switch entry.method {
        case .stored: try pieces(of: entry, from: start) { try $0.withUnsafeBytes { try output.add($0, body) } }
        case .deflated: try inflate(entry, from: start) { try output.add($0, body) }
        }
        try output.finish()
    }

    /// Behind the entry's own header, which must agree with the table.
    private func dataOffset(of entry: ZipEntry) throws -> Int64 {
        let bytes = try read(entry.offset, Self.headerSize + entry.rawName.count)
        let header = LittleEndianBytes(bytes[...])
        guard header.count == Self.headerSize + entry.rawName.count, header.u32(0) == 0x0403_4b50,
            Int(header.u16(26)) == entry.rawName.count, bytes.dropFirst(Self.headerSize).elementsEqual(entry.rawName)
        else { throw Fault("the entry '\(entry.path)' is not where the table of contents says") }
        return entry.offset + Int64(header.count) + Int64(header.u16(28))
    }

    private func pieces(of entry: ZipEntry, from start: Int64, _ body: ([UInt8]) throws -> Void) throws {
        var done: Int64 = 0
        while done < entry.compressedSize {
            let bytes = try read(start + done, Int(min(Int64(Self.pieceSize), entry.compressedSize - done)))
            guard !bytes.isEmpty else { throw Fault("the entry '\(entry.path)' is not complete") }
            try body(bytes)
            done += Int64(bytes.count)
        }
    }

    private func inflate(_ entry: ZipEntry, from start: Int64, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        // zlib wants its state at one address for life.
        let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        stream.initialize(to: z_stream())
        defer { stream.deallocate() }
        // Negative: no header and no trailer of its own.
        guard inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw Fault("zlib could not be started")
        }
        defer { inflateEnd(stream) }
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.pieceSize, alignment: 16)
        defer { output.deallocate() }
        var hasEnded = false
        try pieces(of: entry, from: start) { bytes in
            try bytes.withUnsafeBufferPointer { input in
                // zlib's pointer is not const, but it does not write there.
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                repeat {
                    guard !hasEnded else { throw Fault("the entry '\(entry.path)' is followed by something else") }
                    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
                    stream.pointee.avail_out = UInt32(output.count)
                    let status = CZlib.inflate(stream, Z_NO_FLUSH)
                    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
                        throw Fault("the entry '\(entry.path)' is damaged")
                    }
                    hasEnded = status == Z_STREAM_END
                    try body(UnsafeRawBufferPointer(rebasing: output[..<(output.count - Int(stream.pointee.avail_out))]))
                } while stream.pointee.avail_in > 0 || !hasEnded && stream.pointee.avail_out == 0
            }
        }
        guard hasEnded else { throw Fault("the entry '\(entry.path)' is not complete") }
    }
}

/// What has come out of an entry, compared with what the archive says.
private final class ZipOutput {
    private let entry: ZipEntry
    private var size: Int64 = 0
    private var checksum: UInt = 0

    init(_ entry: ZipEntry) { self.entry = entry }

    func add(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        size += Int64(bytes.count)
        guard size <= entry.size else { throw Fault("the entry '\(entry.path)' is larger than it says") }
        guard !bytes.isEmpty else { return }
        checksum = crc32(checksum, bytes.bindMemory(to: UInt8.self).baseAddress, UInt32(bytes.count))
        try body(bytes)
    }

    func finish() throws {
        guard size == entry.size else { throw Fault("the entry '\(entry.path)' is smaller than it says") }
        guard UInt32(truncatingIfNeeded: checksum) == entry.checksum else {
            throw Fault("the entry '\(entry.path)' is damaged: its checksum is wrong")
        }
    }
}
