import Diagnostics
import Testing

@testable import Archive

@Suite("Tar headers (D-45a)")
struct TarEncoderTests {
    private func text(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self) }

    @Test("Every byte of a plain header")
    func plain() throws {
        let header = TarHeader(
            path: "/layers/x/run", kind: .file, mode: 0o4755, owner: Ownership(user: 1000, group: 1001), size: 5)
        let block = try header.encoded()
        var expected = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, _ at: Int) { expected.replaceSubrange(at..<(at + text.utf8.count), with: text.utf8) }
        put("/layers/x/run", 0)
        put("0004755\u{0}0001750\u{0}0001751\u{0}00000000005\u{0}02263523001\u{0}", 100)
        put("\u{0} 0", 154)
        put("ustar\u{0}00", 257)
        put("0000000\u{0}0000000\u{0}", 329)
        let sum = expected[..<148].reduce(0) { $0 + Int($1) } + 8 * 32 + expected[156...].reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        put(String(repeating: "0", count: 6 - digits.count) + digits, 148)
        #expect(block == expected)
    }

    @Test(
        "Flags of kinds",
        arguments: [
            (TarHeader.Kind.file, "0"), (.hardLink, "1"), (.symbolicLink, "2"), (.characterDevice, "3"), (.blockDevice, "4"),
            (.directory, "5"),
            (.fifo, "6"),
        ])
    func flags(kind: TarHeader.Kind, flag: String) throws {
        #expect(try TarHeader(path: "a", kind: kind, mode: 0o644).encoded()[156] == flag.utf8.first)
    }

    private static func path(_ lengths: Int...) -> String {
        lengths.map { String(repeating: "n", count: $0) }.joined(separator: "/")
    }

    @Test(
        "Where ustar splits a long path",
        arguments: [
            (path(100), nil, nil),
            (path(50, 50), "50", "50"),
            (path(101), nil, "pax"),
            (path(155, 100), "155", "100"),
            (path(156, 100), nil, "pax"),
            (path(155, 101), nil, "pax"),
            (path(50, 50, 50, 50), "152", "50"),
            ("/" + path(110), nil, "pax"),
            (path(80, 80) + "/", "80", "81"),
        ] as [(String, String?, String?)])
    func splitting(path: String, prefix: String?, name: String?) throws {
        let bytes = try TarHeader(path: RawPath(path), kind: .file, mode: 0o644).encoded()
        if name == "pax" {
            #expect(bytes.count == 1536)
            #expect(bytes[156] == UInt8(ascii: "x"))
            return
        }
        #expect(bytes.count == 512)
        #expect(text(bytes[345..<500]).utf8.count == Int(prefix ?? "0"))
        if let name { #expect(bytes[0..<100].prefix { $0 != 0 }.count == Int(name)) }
    }

    @Test("A PAX header for a name outside ASCII")
    func pax() throws {
        let bytes = try TarHeader(path: "/workspace/ünï côdé.txt", kind: .file, mode: 0o644, size: 1).encoded()
        #expect(bytes.count == 1536)
        #expect(text(bytes) == "/workspace/PaxHeaders.0/n cd.txt")
        #expect(text(bytes[100..<108]) == "0000000" && text(bytes[108..<116]) == "0000000" && text(bytes[136..<148]) == "00000000000")
        #expect(bytes[329..<345].allSatisfy { $0 == 0 }, "no device fields")
        #expect(text(bytes[512..<1024]) == "36 path=/workspace/ünï côdé.txt\n")
        #expect(text(bytes[1024...]) == "/workspace/n cd.txt")
        #expect(text(bytes[1353..<1361]) == "0000000")
    }

    @Test("Names that are not UTF-8 go raw into the record")
    func rawBytes() throws {
        let bytes = try TarHeader(path: RawPath(bytes: [0x2f, 0x61, 0xff]), kind: .directory, mode: 0o755).encoded()
        #expect(Array(bytes[512..<525]) == Array("12 path=/a".utf8) + [0xff, 0x0a, 0])
    }

    @Test("A long link, and a long path beside it")
    func links() throws {
        let target = String(repeating: "t", count: 101)
        let short = try TarHeader(path: "/l", kind: .symbolicLink, mode: 0o777, linkTarget: RawPath(target)).encoded()
        #expect(text(short[512..<1024]) == "115 linkpath=\(target)\n")
        #expect(text(short[(1024 + 157)..<(1024 + 257)]) == target.dropLast())
        // ustar alone could split the path; the PAX header has it all the same.
        let path = Self.path(60, 60)
        let both = try TarHeader(path: RawPath(path), kind: .symbolicLink, mode: 0o777, linkTarget: RawPath(target)).encoded()
        #expect(text(both[512..<1024]) == "115 linkpath=\(target)\n131 path=\(path)\n")
        #expect(text(both[1024..<1124]).utf8.count == 100)
        #expect(both[(1024 + 345)..<(1024 + 500)].allSatisfy { $0 == 0 })
    }

    @Test(
        "Numbers too large for ustar",
        arguments: [
            (TarHeader(path: "b", kind: .file, mode: 0, size: 1 << 33), "19 size=8589934592\n"),
            (TarHeader(path: "b", kind: .file, mode: 0, owner: Ownership(user: 2_097_152, group: 0)), "15 uid=2097152\n"),
            (TarHeader(path: "b", kind: .file, mode: 0, owner: Ownership(user: 1, group: 4_000_000_000)), "18 gid=4000000000\n"),
            (TarHeader(path: "b", kind: .file, mode: 0, modified: -1), "12 mtime=-1\n"),
        ])
    func numbers(header: TarHeader, record: String) throws {
        let bytes = try header.encoded()
        #expect(text(bytes[512..<1024]) == record)
        #expect(try decode(bytes) == header)
    }

    private func decode(_ bytes: [UInt8]) throws -> TarHeader {
        var pending = TarExtension()
        try pending.add(records: try TarDecoder.records(Array(bytes[512..<(bytes.count - 512)])))
        return try pending.header(try TarDecoder.decode(Array(bytes.suffix(512))))
    }

    @Test("The largest numbers that ustar holds need no PAX header")
    func limits() throws {
        let owner = Ownership(user: 2_097_151, group: 2_097_151)
        #expect(try TarHeader(path: "b", kind: .file, mode: 0, owner: owner, size: (1 << 33) - 1).encoded().count == 512)
    }

    @Test(
        "The length of a record counts its own digits", arguments: [1, 84, 85, 86, 87, 88, 89, 90, 91, 92, 93, 94, 980, 983, 984, 985, 990])
    func recordLengths(count: Int) throws {
        let path = "ü" + String(repeating: "p", count: count)
        let bytes = try TarHeader(path: RawPath(path), kind: .file, mode: 0o644).encoded()
        let records = try TarDecoder.records(Array(bytes[512..<(bytes.count - 512)]))
        #expect(records.count == 1)
        #expect(records.first?.value == Array(path.utf8))
    }

    @Test(
        "What no tar can hold",
        arguments: [
            TarHeader(path: "", kind: .file, mode: 0), TarHeader(path: "a\0b", kind: .file, mode: 0),
            TarHeader(path: "a", kind: .symbolicLink, mode: 0, linkTarget: "\0"), TarHeader(path: "a", kind: .file, mode: 0, size: -1),
            TarHeader(path: "a", kind: .blockDevice, mode: 0, deviceMajor: 1 << 21),
        ])
    func refused(header: TarHeader) {
        #expect(throws: Fault.self) { try header.encoded() }
    }
}
