import Diagnostics
import Glibc

/// One record of the table of contents, as it is written (APPNOTE 4.3.12).
struct ZipRecord {
    static let signature: UInt32 = 0x0201_4b50
    static let fixedSize = 46

    private let fields: LittleEndianBytes
    let name: [UInt8]
    private let extra: ArraySlice<UInt8>
    /// With the parts of varying length.
    let length: Int

    /// Nil for what is not a whole record.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard bytes.count >= Self.fixedSize else { return nil }
        fields = LittleEndianBytes(bytes)
        guard fields.u32(0) == Self.signature else { return nil }
        let nameLength = Int(fields.u16(28)), extraLength = Int(fields.u16(30))
        length = Self.fixedSize + nameLength + extraLength + Int(fields.u16(32))
        guard bytes.count >= length else { return nil }
        let rest = bytes.dropFirst(Self.fixedSize)
        name = Array(rest.prefix(nameLength))
        extra = rest.dropFirst(nameLength).prefix(extraLength)
    }

    /// The entry, with its offset counted from `base`. Throws the reason why it cannot be unpacked.
    func entry(base: Int64) throws(Fault) -> ZipEntry {
        let (path, isFolder) = try checkedPath()
        let (kind, mode) = try kindAndMode(isFolder: isFolder)
        let (size, compressedSize, offset) = try extents()
        guard fields.u16(8) & 1 == 0, fields.u16(10) != 99 else { throw Fault("is encrypted") }
        let method: ZipEntry.Method
        switch fields.u16(10) {
        case 0: method = .stored
        case 8: method = .deflated
        case let other:
            throw Fault("is compressed by method \(other), which tote cannot read", hint: "make the zip with deflate, as 'zip' does")
        }
        guard method == .deflated || size == compressedSize else { throw Fault("has two sizes") }
        return ZipEntry(
            path: path, kind: kind, mode: mode, modified: modified, size: size, rawName: name, method: method,
            compressedSize: compressedSize, checksum: fields.u32(16), offset: base + offset)
    }

    // MARK: Names

    /// What made the archive: FAT and its kin write no modes, and some of their programs write backslashes.
    private var isFromUnix: Bool { [3, 19].contains(fields.u16(4) >> 8) }

    private func checkedPath() throws(Fault) -> (path: RawPath, isFolder: Bool) {
        var name = name
        if !isFromUnix, !name.contains(slash) { name = name.map { $0 == UInt8(ascii: "\\") ? slash : $0 } }
        guard !name.isEmpty else { throw Fault("has no name") }
        guard !name.contains(0) else { throw Fault("has a NUL character in its name") }
        guard name.first != slash else { throw Fault("has an absolute name") }
        let components = RawPath(bytes: name).components
        guard !components.contains("..") else { throw Fault("would leave the folder that it is unpacked to") }
        return (RawPath(bytes: Array(components.map(\.bytes).joined(separator: [slash]))), name.last == slash)
    }

    private func kindAndMode(isFolder: Bool) throws(Fault) -> (ZipEntry.Kind, UInt32) {
        let unixMode = fields.u32(38) >> 16
        // without modes, everyone may do everything.
        guard isFromUnix, unixMode != 0 else {
            let isMarked = fields.u32(38) & 0x10 != 0
            return (isFolder || isMarked ? .directory : .file, 0o777)
        }
        let kind: ZipEntry.Kind
        switch unixMode & UInt32(S_IFMT) {
        case UInt32(S_IFDIR): kind = .directory
        case UInt32(S_IFLNK): kind = .symbolicLink
        case UInt32(S_IFREG), 0: kind = isFolder ? .directory : .file
        default: throw Fault("is a device, pipe or socket")
        }
        guard !isFolder || kind == .directory else { throw Fault("has the name of a folder and is none") }
        return (kind, unixMode & 0o7777)
    }

    // MARK: Sizes

    /// Zip64 moves what does not fit into an extra field (APPNOTE 4.5.3).
    private func extents() throws(Fault) -> (size: Int64, compressedSize: Int64, offset: Int64) {
        var wide = LittleEndianBytes(extraField(0x0001) ?? [])
        func value(at offset: Int) throws(Fault) -> Int64 {
            let short = fields.u32(offset)
            guard short == .max else { return Int64(short) }
            guard wide.count >= 8, let value = Int64(exactly: wide.u64(0)) else { throw Fault("has no valid size") }
            wide = wide.dropping(8)
            return value
        }
        let size = try value(at: 24)
        let compressedSize = try value(at: 20)
        return (size, compressedSize, try value(at: 42))
    }

    private func extraField(_ id: UInt16) -> ArraySlice<UInt8>? {
        var rest = extra
        while rest.count >= 4 {
            let head = LittleEndianBytes(rest)
            let length = Int(head.u16(2))
            guard rest.count >= 4 + length else { return nil }
            if head.u16(0) == id { return rest.dropFirst(4).prefix(length) }
            rest = rest.dropFirst(4 + length)
        }
        return nil
    }

    // MARK: Time

    /// The extra field of UNIX's programs, else the time of DOS, which has no zone, as UTC.
    private var modified: Int64 {
        if let field = extraField(0x5455), field.count >= 5, field.first.map({ $0 & 1 == 1 }) == true {
            return Int64(Int32(bitPattern: LittleEndianBytes(field.dropFirst()).u32(0)))
        }
        let time = Int64(fields.u16(12)), date = Int64(fields.u16(14))
        let year = 1980 + date >> 9, month = max(1, date >> 5 & 15), day = max(1, date & 31)
        // Days since 1970 in the Gregorian calendar, with years that begin in March.
        let shifted = month > 2 ? year : year - 1
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let days = shifted * 365 + shifted / 4 - shifted / 100 + shifted / 400 + dayOfYear - 719_468
        return days * 86400 + (time >> 11) * 3600 + (time >> 5 & 63) * 60 + (time & 31) * 2
    }
}
