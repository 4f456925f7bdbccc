import Diagnostics

/// Where the table of contents of a zip is, from the record at the file's end (APPNOTE 4.3.16, 4.3.14).
struct ZipDirectory {
    /// A table larger than this is no app's: about two million entries.
    private static let sizeLimit: Int64 = 256 << 20
    private static let endSize = 22
    private static let wideEndSize = 56
    private static let locatorSize = 20

    /// Of the table in the file.
    let start: Int64
    let size: Int
    /// How many entries it has, modulo `countModulus`.
    let count: UInt64
    let countModulus: UInt64
    /// What stands before the archive, such as a script: offsets count from behind it.
    let base: Int64

    /// Nil when the file does not end like a zip. `read` gives the bytes at an offset, fewer at the end of the file.
    init?(fileSize: Int64, read: (_ offset: Int64, _ count: Int) throws -> [UInt8]) throws {
        let tailStart = max(0, fileSize - Int64(Self.endSize + 0xffff))
        let tail = try read(tailStart, Int(fileSize - tailStart))
        guard let place = Self.endRecord(in: tail) else { return nil }
        let end = LittleEndianBytes(tail[place...])
        let endOffset = tailStart + Int64(place)
        guard end.u16(4) == 0 && end.u16(6) == 0 || end.u16(4) == .max else { throw Fault("it is one part of several") }
        var (directoryEnd, count, size, offset) = (endOffset, UInt64(end.u16(10)), Int64(end.u32(12)), Int64(end.u32(16)))
        var modulus: UInt64 = 1 << 16
        if let (wideOffset, wide) = try Self.wideEnd(before: endOffset, read: read) {
            guard let wideSize = Int64(exactly: wide.u64(40)), let wideStart = Int64(exactly: wide.u64(48)) else {
                throw Fault("its table of contents is damaged")
            }
            (directoryEnd, count, size, offset, modulus) = (wideOffset, wide.u64(32), wideSize, wideStart, .max)
        }
        guard size <= Self.sizeLimit else {
            throw Fault("its table of contents is larger than \(Self.sizeLimit >> 20) MiB, the most that tote reads")
        }
        guard size <= directoryEnd, offset <= directoryEnd - size else { throw Fault("its table of contents is damaged") }
        let before = directoryEnd - size - offset
        let startsThere = try LittleEndianBytes(read(before + offset, 4)[...]).u32(0) == ZipRecord.signature
        base = startsThere || size == 0 ? before : 0
        start = base + offset
        (self.size, self.count, countModulus) = (Int(size), count, modulus)
    }

    /// The last place from which the record and its comment reach exactly to the end.
    private static func endRecord(in tail: [UInt8]) -> Int? {
        var place = tail.count - endSize
        while place >= 0 {
            let record = LittleEndianBytes(tail[place...])
            if record.u32(0) == 0x0605_4b50, place + endSize + Int(record.u16(20)) == tail.count { return place }
            place -= 1
        }
        return nil
    }

    private static func wideEnd(
        before end: Int64, read: (Int64, Int) throws -> [UInt8]
    ) throws -> (offset: Int64, record: LittleEndianBytes)? {
        let place = end - Int64(locatorSize)
        guard place >= 0 else { return nil }
        let locator = LittleEndianBytes(try read(place, locatorSize)[...])
        guard locator.u32(0) == 0x0706_4b50 else { return nil }
        // The second place is right where a script stands before the archive.
        for offset in [Int64(clamping: locator.u64(8)), place - Int64(wideEndSize)] where offset >= 0 && offset <= place {
            let record = LittleEndianBytes(try read(offset, wideEndSize)[...])
            if record.count == wideEndSize, record.u32(0) == 0x0606_4b50 { return (offset, record) }
        }
        throw Fault("its table of contents is damaged")
    }
}
