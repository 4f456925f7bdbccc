/// How a layer blob is compressed.
package enum LayerCompression: String, Codable, Sendable {
    case none, gzip, zstd

    /// From the first bytes; four are enough.
    package static func detect(_ first: some Collection<UInt8>) -> LayerCompression {
        let magic = Array(first.prefix(4))
        if magic.starts(with: [0x1f, 0x8b]) { return .gzip }
        // A stream may begin with a skippable frame.
        if magic == [0x28, 0xb5, 0x2f, 0xfd] || (magic.count == 4 && magic[0] & 0xf0 == 0x50 && magic[1...] == [0x2a, 0x4d, 0x18]) {
            return .zstd
        }
        return .none
    }
}
