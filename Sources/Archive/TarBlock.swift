/// The layout that every tar dialect shares.
enum TarBlock {
    static let size = 512

    /// Places of the fields in a header block.
    enum Field {
        static let name = 0..<100
        static let mode = 100..<108
        static let user = 108..<116
        static let group = 116..<124
        static let size = 124..<136
        static let modified = 136..<148
        static let checksum = 148..<156
        static let kind = 156
        static let link = 157..<257
        static let magic = 257..<265
        static let deviceMajor = 329..<337
        static let deviceMinor = 337..<345
        static let prefix = 345..<500
    }

    /// Zero bytes that fill the last block of contents of this size.
    static func padding(after size: Int64) -> Int { Int(-size & Int64(TarBlock.size - 1)) }

    /// The sum of all bytes of a whole block with the checksum field taken as spaces.
    static func checksum(_ block: UnsafeRawBufferPointer) -> Int64 {
        var sum: UInt32 = 0
        for byte in block { sum &+= UInt32(byte) }
        for index in Field.checksum { sum = sum &+ UInt32(UInt8(ascii: " ")) &- UInt32(block[index]) }
        return Int64(sum)
    }

    /// The same for any bytes, and what some very old writers made of them: the sum of signed bytes.
    static func checksums(_ block: some Collection<UInt8>) -> (unsigned: Int64, signed: Int64) {
        var unsigned: Int64 = 0
        var signed: Int64 = 0
        for (index, byte) in block.enumerated() {
            let byte = Field.checksum.contains(index) ? UInt8(ascii: " ") : byte
            unsigned += Int64(byte)
            signed += Int64(Int8(bitPattern: byte))
        }
        return (unsigned, signed)
    }
}
