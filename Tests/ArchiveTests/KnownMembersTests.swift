import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Members of an earlier blob")
struct KnownMembersTests {
    private static let size = 9000

    /// Two hundred files of some kilobytes and one that is cut; `changed` have other contents of the same size.
    private static func write(_ writer: LayerWriter, _ scratch: ScratchDirectory, changed: Set<Int> = [], more: Int = 0) throws {
        for index in 0..<(200 + more) {
            let size = index == 90 ? 700_000 : Self.size - index
            var contents = LayerWriterTests.noise(size, seed: UInt64(index + 1)).map { UInt8(ascii: "a") + $0 % 13 }
            if changed.contains(index) { contents[contents.count - 1] = UInt8(ascii: "z") }
            let path = scratch.path("contents")
            let file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            defer { close(file) }
            #expect(contents.withUnsafeBytes { Descriptor.writeAll(file, $0) })
            lseek(file, 0, SEEK_SET)
            try writer.append(
                TarHeader(path: RawPath("/d/f\(index)"), kind: .file, mode: 0o644, size: Int64(size)), file: file,
                isKnown: !changed.contains(index))
        }
    }

    /// The blob of a layer in a file, and where its members are.
    private static func blob(
        _ name: String, _ encoding: LayerEncoding = .standard, in scratch: ScratchDirectory, known: KnownMembers? = nil,
        changed: Set<Int> = [], more: Int = 0
    ) throws -> (facts: LayerFacts, members: MemberIndex) {
        let file = open(scratch.path(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        defer { close(file) }
        let writer = LayerWriter(.blob(to: file, encoding), workers: 2, known: known)
        try write(writer, scratch, changed: changed, more: more)
        let facts = try writer.finish()
        return (facts, try #require(writer.members))
    }

    @Test(
        "give the bytes that compressing gives", arguments: [[], [0], [7, 8, 150], [90], [199]] as [Set<Int>],
        [LayerEncoding.standard, .gzip(level: 6), .zstd(level: 3)])
    func sameBytes(changed: Set<Int>, encoding: LayerEncoding) throws {
        let scratch = try ScratchDirectory()
        let first = try Self.blob("first", encoding, in: scratch)
        let known = try #require(KnownMembers(first.members, blob: scratch.path("first")))
        let plain = try Self.blob("plain", encoding, in: scratch, changed: changed, more: 3)
        let quick = try Self.blob("quick", encoding, in: scratch, known: known, changed: changed, more: 3)
        #expect(quick.facts == plain.facts)
        #expect(quick.members == plain.members)
        #expect(try scratch.directory.read("quick", limit: 1 << 30) == scratch.directory.read("plain", limit: 1 << 30))
        #expect(MemberIndex(first.members.bytes) == first.members)
        // Most of it was there.
        let there = quick.members.members.count { known.place(of: $0.key) != nil }
        #expect(there > quick.members.members.count / 2)
    }

    /// What shows that members are taken and not made again: the earlier blob is another than it says, in a place that no check sees.
    @Test("are taken as they are") func taken() throws {
        let scratch = try ScratchDirectory()
        let first = try Self.blob("first", in: scratch)
        let file = open(scratch.path("first"), O_RDWR | O_CLOEXEC)
        defer { close(file) }
        var byte: UInt8 = 0
        let place = off_t(first.members.members[0].length / 2)
        pread(file, &byte, 1, place)
        byte ^= 0xff
        pwrite(file, &byte, 1, place)
        let known = try #require(KnownMembers(first.members, blob: scratch.path("first")))
        #expect(try Self.blob("second", in: scratch, known: known).facts.digest != first.facts.digest)
    }

    @Test("of another encoding are of no use", arguments: [LayerEncoding.gzip(level: 2), .zstd(level: 1), .none])
    func otherEncoding(encoding: LayerEncoding) throws {
        let scratch = try ScratchDirectory()
        let first = try Self.blob("first", in: scratch)
        let known = try #require(KnownMembers(first.members, blob: scratch.path("first")))
        let plain = try Self.blob("plain", encoding, in: scratch)
        #expect(try Self.blob("second", encoding, in: scratch, known: known).facts == plain.facts)
        #expect(plain.facts.diffID == first.facts.diffID && plain.facts.digest != first.facts.digest)
    }

    @Test("that are damaged are made again", arguments: [LayerEncoding.standard, .zstd(level: 3)])
    func damaged(encoding: LayerEncoding) throws {
        let scratch = try ScratchDirectory()
        let first = try Self.blob("first", encoding, in: scratch)
        let file = open(scratch.path("first"), O_RDWR | O_CLOEXEC)
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: Int(first.facts.size))
        pwrite(file, zeros, zeros.count, 0)
        let known = try #require(KnownMembers(first.members, blob: scratch.path("first")))
        #expect(try Self.blob("second", encoding, in: scratch, known: known).facts == first.facts)
        // Another size is another blob.
        ftruncate(file, 10)
        #expect(KnownMembers(first.members, blob: scratch.path("first")) == nil)
        for text in ["", "gzip:1", "gzip:99\n", "gzip:1\nshort"] { #expect(MemberIndex(Array(text.utf8)) == nil) }
    }

    /// What nobody wrote to is read where it was, and the rest where it is now.
    @Test("come from what a tree was") func earlierTree() throws {
        let scratch = try ScratchDirectory()
        for tree in ["before", "after", "expected"] {
            for name in ["same/deep/a", "same/b", "other/c", "other/d"] { try scratch.makeFile("\(tree)/\(name)", name) }
        }
        try scratch.makeFile("before/other/gone", "gone")
        for tree in ["after", "expected"] {
            try scratch.write("new", to: tree + "/other/d")
            try scratch.makeFile(tree + "/more/e", "more")
        }
        // Nobody looks at these.
        try scratch.write("wrong", to: "after/same/b")
        var written = WrittenEntries()
        for (path, kind) in [("", .directory), ("other", .directory), ("more", .directory), ("other/gone", .characterDevice)]
            as [(RawPath, FileStatus.Kind)]
        {
            written.insert(path, kind)
        }
        for path in ["other/d", "more/e"] as [RawPath] { written.insert(path, .file) }
        #expect(written.files == 3)
        func write(_ tree: String, _ earlier: EarlierTree?) throws -> LayerFacts {
            let writer = LayerWriter(.hashOnly)
            try writer.append(
                tree: scratch.directory, RawPath(tree), at: "/layers/x", owner: Ownership(user: 1, group: 1), earlier: earlier)
            return try writer.finish()
        }
        let earlier = EarlierTree(try scratch.directory.directory("before"), written: written)
        #expect(try write("after", earlier) == write("expected", nil))
        #expect(try write("after", nil) != write("expected", nil))
    }
}
