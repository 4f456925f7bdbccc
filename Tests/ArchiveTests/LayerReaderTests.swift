import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Reading layers")
struct LayerReaderTests {
    private static let entries: [(TarHeader, String)] = [
        (TarHeader(path: "d", kind: .directory, mode: 0o1777), ""),
        (TarHeader(path: "d/f", kind: .file, mode: 0o644, owner: Ownership(user: 5, group: 6), size: 5), "hello"),
        (TarHeader(path: "d/empty", kind: .file, mode: 0o600), ""),
        (TarHeader(path: "l", kind: .symbolicLink, mode: 0o777, linkTarget: "d/f"), ""),
        (TarHeader(path: "h", kind: .hardLink, mode: 0o644, linkTarget: "d/f"), ""),
        (TarHeader(path: "c", kind: .characterDevice, mode: 0o666, deviceMajor: 1, deviceMinor: 3), ""),
    ]

    private func read(_ bytes: [UInt8], in scratch: ScratchDirectory) throws -> (entries: [(TarHeader, String)], diffID: DiffID) {
        try scratch.reading(bytes) { file in
            let reader = try LayerReader(descriptor: file)
            var entries: [(TarHeader, String)] = []
            while let header = try reader.next() {
                var contents: [UInt8] = []
                try reader.readContents { contents += $0 }
                entries.append((header, String(decoding: contents, as: UTF8.self)))
            }
            return (entries, try reader.finish())
        }
    }

    private func failure(_ bytes: [UInt8]) throws -> String {
        let scratch = try ScratchDirectory()
        return try #require(throws: Fault.self) { try read(bytes, in: scratch) }.message
    }

    private func compressed(_ bytes: [UInt8], with peer: Peer, in scratch: ScratchDirectory) throws -> [UInt8] {
        try scratch.directory.write("in", bytes)
        let result = try peer.run(["-k", "-f", "in"], in: scratch)
        #expect(result.status == 0)
        return try scratch.directory.read(peer == .gzip ? "in.gz" : "in.zst")
    }

    @Test("What was written is read, contents or not")
    func roundTrip() throws {
        let scratch = try ScratchDirectory()
        let bytes = try tar(Self.entries)
        let result = try read(bytes, in: scratch)
        #expect(result.entries.map(\.0) == Self.entries.map(\.0))
        #expect(result.entries.map(\.1) == Self.entries.map(\.1))
        #expect(result.diffID.digest == Digest.of(bytes))
        let skipped = try scratch.reading(bytes) { file in
            let reader = try LayerReader(descriptor: file)
            #expect(reader.compression == .none)
            for _ in 0..<2 { #expect(try reader.next() != nil) }
            return try reader.finish()
        }
        #expect(skipped == result.diffID)
    }

    @Test("Gzip and zstd, several members and frames", .enabled(if: Peer.canRun(.gzip, .zstd)), arguments: [Peer.gzip, .zstd])
    func compressions(peer: Peer) throws {
        let scratch = try ScratchDirectory()
        let bytes = try tar(Self.entries + [(TarHeader(path: "big", kind: .file, mode: 0), String(repeating: "text ", count: 100_000))])
        let half = bytes.count / 2
        let first = try compressed(Array(bytes[..<half]), with: peer, in: scratch)
        try scratch.directory.removeTree(peer == .gzip ? "in.gz" : "in.zst")
        let second = try compressed(Array(bytes[half...]), with: peer, in: scratch)
        let result = try read(first + second, in: scratch)
        #expect(result.entries.count == Self.entries.count + 1)
        #expect(result.diffID.digest == Digest.of(bytes))

        for cut in [5, 30, first.count / 2, first.count - 1] {
            #expect(try failure(Array(first.prefix(cut))).contains("too early"))
        }
        #expect(try !failure(first + Array("garbage".utf8)).isEmpty)
        var damaged = first + second
        damaged[first.count / 2] ^= 0x55
        #expect(try !failure(damaged).isEmpty)
    }

    @Test("A wrong gzip checksum is noticed", .enabled(if: Peer.canRun(.gzip)))
    func checksum() throws {
        let scratch = try ScratchDirectory()
        var bytes = try compressed(try tar(Self.entries), with: .gzip, in: scratch)
        bytes[bytes.count - 6] ^= 1
        #expect(try failure(bytes) == "the gzip data is damaged (incorrect data check)")
    }

    @Test("The stream alone, in small pieces")
    func stream() throws {
        let scratch = try ScratchDirectory()
        let contents = LayerWriterTests.words(300_000)
        let (facts, blob) = try scratch.layer { try $0.append(TarHeader(path: "f", kind: .file, mode: 0), contents: contents) }
        let hash = SHA256()
        try scratch.reading(blob) { file in
            let stream = try LayerStream(descriptor: file)
            #expect(stream.compression == .gzip)
            var piece = [UInt8](repeating: 0, count: 10_007)
            while true {
                let count = try piece.withUnsafeMutableBytes { try stream.read(into: $0) }
                if count == 0 { break }
                hash.update(Array(piece.prefix(count)))
            }
        }
        #expect(hash.finish() == facts.diffID.digest)
    }

    @Test(
        "Detection by the first bytes",
        arguments: [
            ([0x1f, 0x8b, 8, 0], .gzip), ([0x28, 0xb5, 0x2f, 0xfd], .zstd), ([0x5f, 0x2a, 0x4d, 0x18], .zstd), ([], .none), ([0x1f], .none),
            ([0x42, 0x5a, 0x68, 0x39], .none),
        ] as [([UInt8], LayerCompression)])
    func detection(bytes: [UInt8], expected: LayerCompression) {
        #expect(LayerCompression.detect(bytes) == expected)
    }

    @Test("A tar may end without zero blocks, with one, or with rubbish behind them")
    func ends() throws {
        let scratch = try ScratchDirectory()
        let full = try tar(Self.entries)
        for bytes in [Array(full.dropLast(1024)), Array(full.dropLast(512)), full + Array("rubbish".utf8), full + full] {
            let result = try read(bytes, in: scratch)
            #expect(result.entries.count == Self.entries.count)
            #expect(result.diffID.digest == Digest.of(bytes), "everything counts for the digest")
        }
        #expect(try read([], in: scratch).entries.isEmpty)
    }

    @Test("A tar that is cut short", arguments: [100, 600, 1024 + 2, 1536 + 511])
    func cutShort(count: Int) throws {
        #expect(try failure(Array(try tar(Self.entries).prefix(count))).contains("ends in the middle"))
    }

    private func edited(_ edit: (inout [UInt8]) -> Void) throws -> [UInt8] {
        try block(size: 3, edit) + Array("abc".utf8) + [UInt8](repeating: 0, count: 509 + 1024)
    }

    /// An extended header of that kind, without the entry that it is for.
    private func extendedHeader(_ kind: UInt8, _ contents: String) throws -> [UInt8] {
        let size = contents.utf8.count
        return try block(size: Int64(size)) { $0[156] = kind } + Array(contents.utf8) + [UInt8](repeating: 0, count: -size & 511)
    }

    /// A header block whose checksum is right again.
    private func block(size: Int64, _ edit: (inout [UInt8]) -> Void) throws -> [UInt8] {
        var block = try TarHeader(path: "victim", kind: .file, mode: 0o644, size: size).encoded()
        edit(&block)
        let sum = TarBlock.checksums(block).unsigned
        let digits = Array(String(sum, radix: 8).utf8)
        block.replaceSubrange(148..<156, with: [UInt8](repeating: 0x30, count: 6 - digits.count) + digits + [0, 0x20])
        return block
    }

    @Test(
        "Lying headers are refused",
        arguments: [
            ("wrong kind", 156..<157, Array("M".utf8), "unknown kind"),
            ("sparse", 156..<157, Array("S".utf8), "sparse"),
            ("size is no number", 124..<136, Array("hello world ".utf8), "size of 'victim'"),
            ("negative size", 124..<136, [UInt8](repeating: 0xff, count: 12), "negative"),
            ("size over 63 bits", 124..<136, [0x80, 0, 0, 0xff] + [UInt8](repeating: 0xff, count: 8), "not a number"),
            ("gigantic size", 124..<136, [0x80, 0, 0, 0, 0x3f] + [UInt8](repeating: 0xff, count: 7), "ends in the middle"),
            ("user over 32 bits", 108..<116, [0x80, 0, 0, 1, 0, 0, 0, 0], "belongs to user or group 4294967296"),
            ("user that means unchanged", 108..<116, [0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff], "belongs to user or group"),
            ("no name", 0..<100, [UInt8](repeating: 0, count: 100), "without a name"),
            ("huge extended header", 124..<136, Array("77777777777\0".utf8), "ends in the middle"),
        ] as [(String, Range<Int>, [UInt8], String)])
    func lies(_ what: String, field: Range<Int>, value: [UInt8], message: String) throws {
        #expect(try failure(try edited { $0.replaceSubrange(field, with: value) }).contains(message))
    }

    @Test("An extended header of more than 1 MiB is refused before it is read", arguments: ["x", "g", "L", "K"])
    func hugeExtension(flag: String) throws {
        let bytes = try edited {
            $0.replaceSubrange(124..<136, with: Array("00010000000\0".utf8))
            $0[156] = flag.utf8.first ?? 0
        }
        #expect(try failure(bytes).contains("more than 1 MiB"))
    }

    @Test("Only so many extended headers stand before one entry, of whatever kind", arguments: ["x", "g", "L", "K", "V", "xgLK"])
    func endlessExtensions(flags: String) throws {
        let scratch = try ScratchDirectory()
        func extended(_ count: Int) throws -> [UInt8] {
            let kinds = Array(flags.utf8)
            return try (0..<count).map { kinds[$0 % kinds.count] }
                .flatMap { try extendedHeader($0, $0 == UInt8(ascii: "x") ? "12 comment=\n" : "name") }
        }
        let entry = try tar([(TarHeader(path: "f", kind: .file, mode: 0o644), "")])
        // Each entry may have as many.
        let most = try read(try extended(16) + entry.dropLast(1024) + (try extended(16)) + entry, in: scratch)
        #expect(most.entries.count == 2)
        for end in [entry, []] {
            #expect(try failure(try extended(17) + end) == "the layer has more than 16 extended headers before one entry")
        }
    }

    @Test("What headers take up is counted with the entry that they are for")
    func headerSize() throws {
        let scratch = try ScratchDirectory()
        let entry = Array(try tar([(TarHeader(path: "f", kind: .file, mode: 0o644), "hello")]).dropLast(1024))
        let long = try tar([(TarHeader(path: RawPath(String(repeating: "n", count: 600)), kind: .file, mode: 0o644), "")])
        let bytes = try entry + extendedHeader(UInt8(ascii: "g"), String(repeating: "\0", count: 1000)) + entry + long
        let sizes = try scratch.reading(bytes) { file in
            let reader = try LayerReader(descriptor: file)
            var sizes: [Int64] = []
            while try reader.next() != nil { sizes.append(reader.headerSize) }
            return sizes
        }
        // The last has a PAX header with its name.
        #expect(sizes == [512, 2048, 2048])
    }

    @Test(
        "Numbers in every form",
        arguments: [
            ("0000644\0", 0o644), ("   644 \0", 0o644), ("644\0\0\0\0\0", 0o644), ("\0\0\0\0\0\0\0\0", 0), ("        ", 0),
            ("00000648", nil), ("-0000001", nil),
        ] as [(String, Int64?)])
    func numbers(text: String, expected: Int64?) {
        #expect(TarDecoder.number(Array(text.utf8)[...]) == expected)
    }

    @Test(
        "Numbers in base 256",
        arguments: [
            ([0x80, 0, 0, 0, 0, 0, 1, 2], 258), ([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfe], -2),
            ([0x80, 0, 0, 0, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .max), ([0x80, 0, 0, 0, 0x80, 0, 0, 0, 0, 0, 0, 0], nil),
        ] as [([UInt8], Int64?)])
    func base256(bytes: [UInt8], expected: Int64?) {
        let value = TarDecoder.number(bytes[...])
        #expect(value == expected)
    }

    @Test(
        "PAX records that cannot be read",
        arguments: [
            "x path=a\n", "9 path=a", "90 path=a\n", "1 a\n", "8 path a\n", "0 path=a\n", "-9 path=a\n", "99999999999999999999 a=b\n",
            "9 path=a\n7", "18446744073709551615 a=b\n",
        ])
    func damagedRecords(text: String) {
        #expect(throws: Fault.self) { try TarDecoder.records(Array(text.utf8)) }
    }

    @Test(
        "Times",
        arguments: [
            ("0", 0), ("12.999", 12), ("-1", -1), ("-1.5", -2), ("-1.0", -1), ("", nil), ("x", nil), ("1.x", nil), (".5", nil),
            ("1e9", nil),
        ]
            as [(String, Int64?)])
    func times(text: String, expected: Int64?) {
        #expect(TarDecoder.seconds(Array(text.utf8)) == expected)
    }

    @Test("PAX values override the header; an empty one takes the last back; unknown keys are ignored")
    func paxOverrides() throws {
        func records(_ pairs: [(String, String)]) -> [(key: String, value: [UInt8])] { pairs.map { ($0.0, Array($0.1.utf8)) } }
        let raw = try TarDecoder.decode(try TarHeader(path: "short", kind: .file, mode: 0o644, size: 3).encoded())
        var pending = TarExtension()
        try pending.add(
            records: records([
                ("path", "wrong"), ("path", ""), ("path", "long"), ("uid", "3000000"), ("size", "9"), ("mtime", "7.5"),
                ("SCHILY.xattr.security.capability", "x"),
                ("linkpath", "ignored for files"),
            ]))
        let header = try pending.header(raw)
        #expect(
            header == TarHeader(path: "long", kind: .file, mode: 0o644, owner: Ownership(user: 3_000_000, group: 0), size: 9, modified: 7))
        for (key, value) in [("size", "-1"), ("size", "1x"), ("path", "a\0b"), ("uid", "1.5"), ("mtime", "now")] {
            #expect(throws: Fault.self) { try pending.add(records: records([(key, value)])) }
        }
        try pending.add(records: records([("uid", "4294967295")]))
        #expect(throws: Fault.self) { try pending.header(raw) }
    }

    @Test("A flipped bit in a header is noticed")
    func headerChecksum() throws {
        var bytes = try tar(Self.entries)
        bytes[3] ^= 4
        #expect(try failure(bytes).contains("checksum"))
        #expect(try failure([UInt8](repeating: UInt8(ascii: "<"), count: 2048)).contains("not a tar"))
    }

    @Test("Readers that are let go of early end their thread")
    func abandoned() throws {
        let scratch = try ScratchDirectory()
        let (_, blob) = try scratch.layer {
            try $0.append(TarHeader(path: "f", kind: .file, mode: 0), contents: LayerWriterTests.words(3_000_000))
        }
        for _ in 0..<20 {
            let size = try scratch.reading(blob) { try LayerReader(descriptor: $0).next()?.size }
            #expect(size == 3_000_000)
        }
    }
}
