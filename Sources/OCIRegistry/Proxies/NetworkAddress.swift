import Glibc

/// An IPv4 or IPv6 address.
struct NetworkAddress: Equatable, Sendable {
    /// 4 or 16.
    let bytes: [UInt8]

    /// nil when the text is none. IPv6 with or without brackets.
    init?(_ text: String) {
        let plain = text.hasPrefix("[") && text.hasSuffix("]") ? String(text.dropFirst().dropLast()) : text
        for (family, count) in [(AF_INET, 4), (AF_INET6, 16)] {
            var bytes = [UInt8](repeating: 0, count: count)
            if inet_pton(family, plain, &bytes) == 1 {
                self.bytes = bytes
                return
            }
        }
        return nil
    }

    func isIn(_ network: NetworkAddress, bits: Int) -> Bool {
        guard network.bytes.count == bytes.count else { return false }
        return (0..<bits).allSatisfy { bit in (bytes[bit / 8] ^ network.bytes[bit / 8]) & (0x80 >> UInt8(bit % 8)) == 0 }
    }
}
