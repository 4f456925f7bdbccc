import Archive
import FoundationEssentials
import Testing

@Suite("Digests")
struct DigestTests {
    static let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    static let abc = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test("Known sha256 values", arguments: [("", empty), ("abc", abc)])
    func known(text: String, expected: String) {
        #expect(Digest.of(Array(text.utf8)).description == expected)
    }

    @Test("A million bytes in pieces of odd sizes")
    func pieces() {
        let hash = SHA256()
        let million = [UInt8](repeating: UInt8(ascii: "a"), count: 1_000_000)
        var at = 0
        for size in (1...).lazy.map({ $0 * 37 }) where at < million.count {
            hash.update(Array(million[at...].prefix(size)))
            at += size
            if at >= million.count { break }
        }
        #expect(hash.finish().hex == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
        #expect(hash.finish().description == Self.empty, "starts again")
    }

    @Test(
        "Text that is no digest",
        arguments: [
            "", "sha256:", "abc", "sha512:" + abc.dropFirst(7), String(abc.dropLast()), abc + "0", abc.uppercased(),
            "SHA256:" + abc.dropFirst(7), abc.replacing("b", with: "g"), " " + abc,
        ])
    func refused(text: String) {
        #expect(Digest(text) == nil)
        #expect(DiffID(text) == nil)
    }

    @Test("Order is that of the text, and JSON is the text")
    func orderAndJSON() throws {
        let digests = try [Self.empty, Self.abc].map { try #require(Digest($0)) }
        #expect(digests.sorted().map(\.description) == [Self.empty, Self.abc].sorted())
        let facts = LayerFacts(diffID: DiffID(digests[0]), digest: digests[1], size: 7)
        let json = try JSONEncoder().encode(facts)
        #expect(String(decoding: json, as: UTF8.self).contains("\"\(Self.abc)\""))
        #expect(try JSONDecoder().decode(LayerFacts.self, from: json) == facts)
        let unknown = LayerFacts(diffID: DiffID(digests[0]), digest: digests[1], size: 7, encoding: nil, compression: .zstd)
        #expect(try JSONDecoder().decode(LayerFacts.self, from: JSONEncoder().encode(unknown)) == unknown)
        let old = #"{"diffID":"\#(Self.abc)","digest":"\#(Self.abc)","size":7,"encoding":"#
        let zstd = try JSONDecoder().decode(LayerFacts.self, from: Array((old + #""zstd:3"}"#).utf8).asData)
        #expect(zstd.encoding == .zstd(level: 3) && zstd.compression == .zstd)
        let gzip = try JSONDecoder().decode(LayerFacts.self, from: Array((old + "null}").utf8).asData)
        #expect(gzip.encoding == nil && gzip.compression == .gzip)
        #expect(throws: DecodingError.self) { try JSONDecoder().decode(Digest.self, from: Array("\"sha256:1\"".utf8).asData) }
    }

    @Test("Hexadecimal and bytes agree")
    func bytes() throws {
        let digest = try #require(Digest(Self.abc))
        #expect(digest.bytes.first == 0xba)
        #expect(Digest(bytes: digest.bytes) == digest)
        #expect(Digest(hex: digest.hex) == digest)
    }
}

extension [UInt8] {
    fileprivate var asData: Data { Data(self) }
}
