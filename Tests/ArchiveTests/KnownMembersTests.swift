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

    /// A tree of which one place is written to, and a blob of what it was: of what comes before that place, only names and sizes are looked at.
    private struct Tree {
        let scratch: ScratchDirectory
        let first: (facts: LayerFacts, members: MemberIndex)

        init() throws {
            scratch = try ScratchDirectory()
            for index in 0..<300 {
                let size = index == 120 ? 900_000 : 4000 + index
                let bytes = LayerWriterTests.noise(size, seed: UInt64(index + 1)).map { UInt8(ascii: "a") + $0 % 13 }
                let name = "f" + String(1000 + index)
                try scratch.makeFile("before/d\(index / 100)/\(name)", String(decoding: bytes, as: UTF8.self))
                try scratch.makeFile("after/d\(index / 100)/\(name)", String(decoding: bytes, as: UTF8.self))
            }
            first = try Self.blob(scratch, "before", "first")
        }

        static func blob(
            _ scratch: ScratchDirectory, _ tree: String, _ name: String, known: KnownMembers? = nil, earlier: EarlierTree? = nil
        ) throws -> (facts: LayerFacts, members: MemberIndex) {
            let file = open(scratch.path(name), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
            defer { close(file) }
            let writer = LayerWriter(.gzip(to: file), workers: 2, known: known)
            try writer.append(TarHeader(path: "/layers", kind: .directory, mode: 0o755))
            try writer.append(
                tree: scratch.directory, RawPath(tree), at: "/layers/x", owner: Ownership(user: 1, group: 1), earlier: earlier)
            let facts = try writer.finish()
            return (facts, try #require(writer.members))
        }

        func known() throws -> KnownMembers { try #require(KnownMembers(first.members, blob: scratch.path("first"))) }

        /// The next blob, for which these entries were written to.
        func next(_ entries: [RawPath], replaced: Set<RawPath> = []) throws -> (facts: LayerFacts, members: MemberIndex) {
            var written = WrittenEntries()
            for path in entries {
                written.insert(path, path.components.count < 2 ? .directory : .file, isReplaced: replaced.contains(path))
            }
            let earlier = EarlierTree(try scratch.directory.directory("before"), written: written)
            return try Self.blob(scratch, "after", "next", known: known(), earlier: earlier)
        }
    }

    @Test("are not even opened before what changed", arguments: [0, 1, 60, 99, 100, 119, 120, 121, 250, 299])
    func prefixes(changed: Int) throws {
        let tree = try Tree()
        let directory = RawPath("d\(changed / 100)"), file = RawPath("d\(changed / 100)/f\(1000 + changed)")
        try tree.scratch.makeFile("after/\(file)", "new")
        let plain = try Tree.blob(tree.scratch, "after", "plain")
        let next = try tree.next(["", directory, file])
        #expect(next.facts == plain.facts && next.members == plain.members)
        #expect(try tree.scratch.directory.read("next", limit: 1 << 30) == tree.scratch.directory.read("plain", limit: 1 << 30))
        #expect(MemberIndex(next.members.bytes) == next.members)
    }

    @Test("also when entries come and go", arguments: ["d0/e", "d1/f1100a", "d2/g", "c/x"])
    func insertions(name: String) throws {
        let tree = try Tree()
        try tree.scratch.makeFile("after/" + name, "new")
        let parent = RawPath(String(name.prefix { $0 != "/" }))
        #expect(try tree.next(["", parent, RawPath(name)]).facts == Tree.blob(tree.scratch, "after", "plain").facts)
        try tree.scratch.directory.removeTree("after/d1/f1150")
        try tree.scratch.directory.removeTree("after/d0")
        let next = try tree.next(["", parent, RawPath(name), "d1", "d1/f1150", "d0"])
        #expect(try next.facts == Tree.blob(tree.scratch, "after", "plain").facts)
    }

    /// What shows that contents of the beginning are not read: they are wrong, and that does not come out.
    @Test("are not read") func unread() throws {
        let tree = try Tree()
        try tree.scratch.makeFile("after/d2/f1299", "new")
        let plain = try Tree.blob(tree.scratch, "after", "plain")
        let size = tree.scratch.text("before/d0/f1003").utf8.count
        try tree.scratch.write(String(repeating: "?", count: size), to: "before/d0/f1003")
        #expect(try tree.next(["", "d2", "d2/f1299"]).facts == plain.facts)
    }

    /// Nor are their names: what came to the earlier tree there does not come out either.
    @Test("are not even looked at") func unseen() throws {
        let tree = try Tree()
        try tree.scratch.makeFile("after/d2/f1299", "new")
        let plain = try Tree.blob(tree.scratch, "after", "plain")
        try tree.scratch.makeFile("before/d1/f1150a", "unseen")
        try tree.scratch.directory.removeTree("before/d1/f1160")
        #expect(try tree.next(["", "d2", "d2/f1299"]).facts == plain.facts)
        // Directories on the way to a change that are what they were are no changes themselves.
        #expect(try tree.next(["", "d0", "d1", "d2", "d2/f1299"]).facts == plain.facts)
    }

    @Test("end where a directory is another one") func directories() throws {
        let tree = try Tree()
        try tree.scratch.makeFile("after/d2/f1299", "new")
        #expect(chmod(tree.scratch.path("after/d1"), 0o700) == 0)
        #expect(try tree.next(["", "d1", "d2", "d2/f1299"]).facts == Tree.blob(tree.scratch, "after", "plain").facts)
    }

    /// What was in it is gone without a word, though it comes before everything that was written there.
    @Test("end where a directory was made anew") func replacedDirectory() throws {
        let tree = try Tree()
        for index in 100..<190 { try tree.scratch.directory.removeTree("after/d1/f\(1000 + index)") }
        let left = (190..<200).map { RawPath("d1/f\(1000 + $0)") }
        let next = try tree.next(["", "d1"] + left, replaced: ["d1"])
        #expect(try next.facts == Tree.blob(tree.scratch, "after", "plain").facts)
    }

    @Test(
        "are sought in the order of a walk",
        arguments: [("a", "b", true), ("a", "a/b", true), ("a/b", "a-b", true), ("a-b", "a/b", false), ("a", "a", false), ("", "a", true)])
    func order(first: String, second: String, precedes: Bool) {
        #expect(RawPath(first).precedesInWalk(RawPath(second)) == precedes)
    }

    @Test("that are damaged and cannot be made again are told") func damagedPrefix() throws {
        let tree = try Tree()
        try tree.scratch.makeFile("after/d2/f1299", "new")
        let file = open(tree.scratch.path("first"), O_RDWR | O_CLOEXEC)
        defer { close(file) }
        let zeros = [UInt8](repeating: 0, count: 1000)
        pwrite(file, zeros, zeros.count, 0)
        #expect(throws: DamagedMembers.self) { try tree.next(["", "d2", "d2/f1299"]) }
    }

    @Test("know the hash of what comes before them") func states() {
        let bytes = LayerWriterTests.noise(64 * 1000, seed: 7)
        let whole = SHA256()
        whole.update(bytes)
        let digest = whole.finish()
        for (blocks, more) in [(0, 0), (0, 63), (1, 0), (2, 1), (999, 63), (1000, 0)] {
            let first = SHA256()
            first.update(Array(bytes[..<(64 * blocks)]))
            first.update(Array(bytes[(64 * blocks)..<(64 * blocks + more)]))
            // What comes after the last whole block is not in it.
            let second = SHA256(after: Int64(64 * blocks), first.state)
            second.update(Array(bytes[(64 * blocks)...]))
            #expect(second.finish() == digest)
        }
    }
}
