import Diagnostics

/// Reads single header blocks and PAX records, from any writer: v7, ustar, PAX, GNU, old GNU.
enum TarDecoder {
    private typealias Field = TarBlock.Field

    /// A header block before extended headers are applied to it.
    struct Block {
        var path: RawPath
        var link: RawPath
        var flag: UInt8
        var mode: UInt32
        var owner: Ownership
        var size: Int64
        var modified: Int64
        var deviceMajor: UInt32
        var deviceMinor: UInt32
    }

    static func isZero(_ block: [UInt8]) -> Bool { block.allSatisfy { $0 == 0 } }

    static func decode(_ block: [UInt8]) throws -> Block {
        let sums = TarBlock.checksums(block)
        guard let written = number(block[Field.checksum]), written == sums.unsigned || written == sums.signed else {
            throw Fault("the layer is not a tar, or it is damaged: a header's checksum is wrong")
        }
        var path = text(block[Field.name])
        // GNU headers have times where ustar has the prefix.
        if block[Field.magic].starts(with: Array("ustar\u{0}".utf8)) {
            path = text(block[Field.prefix]).appending(path)
        }
        func field(_ field: Range<Int>, _ what: String) throws -> Int64 {
            guard let value = number(block[field]) else { throw Fault("the \(what) of '\(path)' in the layer is not a number") }
            return value
        }
        let size = try field(Field.size, "size")
        guard size >= 0 else { throw Fault("the size of '\(path)' in the layer is negative") }
        return Block(
            path: path, link: text(block[Field.link]), flag: block[Field.kind],
            mode: UInt32(truncatingIfNeeded: try field(Field.mode, "mode")) & 0o7777,
            owner: Ownership(
                user: try identifier(try field(Field.user, "user"), path), group: try identifier(try field(Field.group, "group"), path)),
            size: size, modified: try field(Field.modified, "time"),
            // v7 has no device fields: whatever stands there must not fail the entry.
            deviceMajor: UInt32(clamping: number(block[Field.deviceMajor]) ?? 0),
            deviceMinor: UInt32(clamping: number(block[Field.deviceMinor]) ?? 0))
    }

    /// User and group numbers end where Linux's do; the highest means "unchanged" to chown and is refused.
    static func identifier(_ number: Int64, _ path: RawPath) throws -> UInt32 {
        guard let identifier = UInt32(exactly: number), identifier != .max else {
            throw Fault("'\(path)' in the layer belongs to user or group \(number), which Linux cannot have")
        }
        return identifier
    }

    /// Octal digits between spaces and NULs (nothing at all is 0), or base 256 when the first bit is set. Nil when it is neither, or
    /// over 63 bits.
    static func number(_ field: ArraySlice<UInt8>) -> Int64? {
        guard let first = field.first else { return nil }
        if first & 0x80 != 0 {
            // Two's complement over the whole field without its first bit; the second is the sign.
            var value = Int64(first & 0x7f) - (first & 0x40 != 0 ? 0x80 : 0)
            for byte in field.dropFirst() {
                let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
                guard !overflow else { return nil }
                value = shifted | Int64(byte)
            }
            return value
        }
        var value: Int64 = 0
        let digits = field.drop { $0 == UInt8(ascii: " ") || $0 == 0 }.prefix { $0 != UInt8(ascii: " ") && $0 != 0 }
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit), value < 1 << 60 else { return nil }
            value = value << 3 | Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    static func text(_ field: ArraySlice<UInt8>) -> RawPath { RawPath(bytes: Array(field.prefix { $0 != 0 })) }

    /// The records of a PAX header in their order. An empty value takes back an earlier record.
    static func records(_ data: [UInt8]) throws -> [(key: String, value: [UInt8])] {
        let damaged = Fault("the layer is damaged: a PAX header cannot be read")
        var records: [(key: String, value: [UInt8])] = []
        var rest = data[...]
        while let space = rest.prefix(20).firstIndex(of: UInt8(ascii: " ")) {
            guard let length = decimal(rest[..<space]), length <= rest.count, length > space - rest.startIndex + 2 else { throw damaged }
            let record = rest[(space + 1)..<(rest.startIndex + Int(length))]
            guard record.last == UInt8(ascii: "\n"), let equals = record.firstIndex(of: UInt8(ascii: "=")) else { throw damaged }
            let key = String(decoding: record[..<equals], as: UTF8.self)
            records.append((key, Array(record[(equals + 1)...].dropLast())))
            rest = rest[(rest.startIndex + Int(length))...]
        }
        guard rest.allSatisfy({ $0 == 0 }) else { throw damaged }
        return records
    }

    /// Only digits, with an optional sign in front and a fraction behind, which is dropped downwards.
    static func seconds(_ value: [UInt8]) -> Int64? {
        let isNegative = value.first == UInt8(ascii: "-")
        let parts = value.dropFirst(isNegative ? 1 : 0).split(separator: dot, maxSplits: 1, omittingEmptySubsequences: false)
        guard let whole = parts.first, let seconds = decimal(whole) else { return nil }
        let fraction = parts.count > 1 ? parts[1] : []
        guard fraction.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) else { return nil }
        guard isNegative else { return seconds }
        return -seconds - (fraction.contains { $0 != UInt8(ascii: "0") } ? 1 : 0)
    }

    static func decimal(_ digits: ArraySlice<UInt8>) -> Int64? {
        guard !digits.isEmpty, digits.count <= 18 else { return nil }
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }
}
