extension TOMLParser {
    /// Refuses bytes that are not UTF-8 (overlong forms, surrogates and values over U+10FFFF included), before anything is read.
    mutating func validateUTF8() throws(TOMLError) {
        var place = offset
        while place < bytes.count {
            let lead = bytes[place]
            if lead < 0x80 {
                place += 1
                continue
            }
            let length = Self.sequenceLength(bytes, at: place)
            guard length > 0 else { throw error("invalid UTF-8", at: place) }
            place += length
        }
    }

    /// 0 when the bytes are no well-formed sequence.
    private static func sequenceLength(_ bytes: [UInt8], at place: Int) -> Int {
        let lead = bytes[place]
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF1...0xF3: length = 4
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        default: return 0
        }
        guard place + length <= bytes.count, second.contains(bytes[place + 1]) else { return 0 }
        for next in (place + 2)..<max(place + length, place + 2) where bytes[next] & 0xC0 != 0x80 { return 0 }
        return length
    }
}
