/// A version of a Debian package, `1:2.3-4`, in dpkg's order (deb-version(7)).
struct DebianVersion: Comparable {
    private let epoch: UInt64
    private let upstream: [UInt8]
    private let revision: [UInt8]

    init(_ text: String) {
        var rest = text[...]
        if let colon = rest.firstIndex(of: ":"), let number = UInt64(rest[..<colon]) {
            epoch = number
            rest = rest[rest.index(after: colon)...]
        } else {
            epoch = 0
        }
        if let dash = rest.lastIndex(of: "-") {
            revision = Array(rest[rest.index(after: dash)...].utf8)
            rest = rest[..<dash]
        } else {
            revision = []
        }
        upstream = Array(rest.utf8)
    }

    static func < (a: DebianVersion, b: DebianVersion) -> Bool { a.compared(with: b) < 0 }

    /// `1.0` and `1.00` are equal.
    static func == (a: DebianVersion, b: DebianVersion) -> Bool { a.compared(with: b) == 0 }

    private func compared(with other: DebianVersion) -> Int {
        if epoch != other.epoch { return epoch < other.epoch ? -1 : 1 }
        let order = Self.compare(upstream, other.upstream)
        return order != 0 ? order : Self.compare(revision, other.revision)
    }

    /// Text and numbers in turn, text by ``weight``, numbers by their values.
    private static func compare(_ a: [UInt8], _ b: [UInt8]) -> Int {
        var a = a[...], b = b[...]
        while !a.isEmpty || !b.isEmpty {
            while a.first.map(isDigit) == false || b.first.map(isDigit) == false {
                let x = weight(a.first), y = weight(b.first)
                if x != y { return x < y ? -1 : 1 }
                a = a.dropFirst()
                b = b.dropFirst()
            }
            let x = number(&a), y = number(&b)
            if x.count != y.count { return x.count < y.count ? -1 : 1 }
            if x != y { return x.lexicographicallyPrecedes(y) ? -1 : 1 }
        }
        return 0
    }

    /// Takes the digits at the beginning, without leading zeros.
    private static func number(_ text: inout ArraySlice<UInt8>) -> [UInt8] {
        let digits = text.prefix(while: isDigit)
        text = text.dropFirst(digits.count)
        return Array(digits.drop { $0 == UInt8(ascii: "0") })
    }

    /// A tilde comes before the end, the end before letters, letters before everything else.
    private static func weight(_ byte: UInt8?) -> Int {
        guard let byte, !isDigit(byte) else { return 0 }
        if byte == UInt8(ascii: "~") { return -1 }
        let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
        return isLetter ? Int(byte) : Int(byte) + 256
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
