/// Numbers in bytes, lowest byte first. Reading beyond the end gives zeros.
struct LittleEndianBytes {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { self.bytes = bytes }

    var count: Int { bytes.count }

    func dropping(_ count: Int) -> LittleEndianBytes { LittleEndianBytes(bytes.dropFirst(count)) }

    func u16(_ offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: value(offset, length: 2)) }
    func u32(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: value(offset, length: 4)) }
    func u64(_ offset: Int) -> UInt64 { value(offset, length: 8) }

    private func value(_ offset: Int, length: Int) -> UInt64 {
        bytes.dropFirst(offset).prefix(length).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
