import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Other programs")
struct InteropTests {
    private static let longName = String(repeating: "long-name/", count: 20) + String(repeating: "f", count: 120)

    @Test("GNU tar lists and compares what is written here, without a warning", .enabled(if: Peer.canRun(.tar)))
    func gnuTarReads() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("t/\(Self.longName)", "deep")
        try scratch.makeFile("t/ünï", "u", mode: 0o755)
        try scratch.makeFile("t/big", String(repeating: "0123456789abcdef", count: 80_000))
        try scratch.directory.makeLink("t/link", to: RawPath(String(repeating: "target/", count: 30)))
        #expect(mkfifo(scratch.path("t/pipe"), 0o644) == 0)
        let (_, blob) = try scratch.layer { try $0.append(tree: scratch.directory, "t", at: "t", owner: .root) }
        try scratch.directory.write("layer.tgz", blob)
        let listing = try Peer.tar.run(["tzf", "layer.tgz", "--quoting-style=literal"], in: scratch)
        #expect(listing.status == 0)
        var expected: [String] = []
        try scratch.directory.walk("t") { entry, _ in
            expected.append(RawPath("t").appending(entry.path).string)
            return .descend
        }
        let names = listing.output.split(separator: "\n").map { String($0.hasSuffix("/") ? $0.dropLast() : $0) }
        #expect(names == expected)
        let extracted = try Peer.tar.run(["xzf", "layer.tgz", "--one-top-level=out", "--no-same-owner"], in: scratch)
        #expect(extracted.status == 0 && extracted.output.isEmpty)
        #expect(try scratch.directory.read("out/t/\(Self.longName)") == Array("deep".utf8))
        #expect(try scratch.directory.read("out/t/big") == scratch.directory.read("t/big"))
        #expect(try scratch.directory.linkTarget("out/t/link") == scratch.directory.linkTarget("t/link"))
    }

    @Test("What GNU tar writes is unpacked", .enabled(if: Peer.canRun(.tar)), arguments: ["ustar", "pax", "gnu", "oldgnu", "v7"])
    func gnuTarWrites(format: String) throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("t/plain", "p", mode: 0o640)
        try scratch.makeFile("t/d/exec", "x", mode: 0o4755)
        if format != "ustar" {
            try scratch.directory.makeLink("t/link", to: RawPath(format == "v7" ? "x" : String(repeating: "t/", count: 90)))
        }
        #expect(link(scratch.path("t/plain"), scratch.path("t/second")) == 0)
        if format == "ustar" { try scratch.makeFile("t/" + String(repeating: "ustar/", count: 25) + "end", "split") }
        if format != "v7" && format != "ustar" { try scratch.makeFile("t/\(Self.longName)", "deep") }
        #expect(try Peer.tar.run(["cf", "t.tar", "--format=\(format)", "-C", "t", "."], in: scratch) == (0, ""))
        let target = try scratch.make("out")
        let archive = try scratch.directory.open("t.tar").descriptor
        defer { close(archive) }
        _ = try unpack(try LayerReader(descriptor: archive), into: target, Unpacking(ownership: .current, whiteouts: .refuse))
        try scratch.directory.walk("t") { entry, open in
            let path = RawPath("out").appending(entry.path)
            let status = try #require(try scratch.directory.status(path, followingLinks: false), "\(path)")
            #expect(status.kind == entry.status.kind && status.mode == entry.status.mode && status.size == entry.status.size)
            #expect(status.modified.seconds == entry.status.modified.seconds)
            #expect(try scratch.directory.linkTarget(path) == entry.linkTarget)
            if entry.status.kind == .file {
                close(try open())
                #expect(try scratch.directory.read(path) == scratch.directory.read(RawPath("t").appending(entry.path)))
            }
            return .descend
        }
        #expect(try target.status("second")?.links == 2)
    }

    @Test("Sparse files are refused with the way out", .enabled(if: Peer.canRun(.tar)), arguments: ["gnu", "pax"])
    func sparse(format: String) throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("hole", "x")
        #expect(truncate(scratch.path("hole"), 5 << 20) == 0)
        #expect(try Peer.tar.run(["cSf", "t.tar", "--format=\(format)", "hole"], in: scratch) == (0, ""))
        let archive = try scratch.directory.open("t.tar").descriptor
        defer { close(archive) }
        let failure = try #require(throws: (any Error).self) { try LayerReader(descriptor: archive).next() }
        #expect("\(failure)".contains("sparse"))
    }

    @Test("Python reads every member, name and number", .enabled(if: Peer.canRun(.python3)))
    func python() throws {
        let scratch = try ScratchDirectory()
        let contents = LayerWriterTests.words(900_000)
        let (facts, blob) = try scratch.layer { writer in
            try writer.append(
                TarHeader(path: "/a/ü", kind: .file, mode: 0o755, owner: Ownership(user: 3_000_000, group: 7)), contents: contents)
            try writer.append(
                TarHeader(
                    path: RawPath("/" + Self.longName), kind: .symbolicLink, mode: 0o777,
                    linkTarget: RawPath(String(repeating: "ö", count: 99))))
        }
        try scratch.directory.write("layer.tgz", blob)
        try scratch.makeFile(
            "check.py",
            """
            import gzip, hashlib, tarfile
            data = gzip.open('layer.tgz').read()
            print(hashlib.sha256(data).hexdigest())
            for m in tarfile.open('layer.tgz'):
                print(m.name, oct(m.mode), m.uid, m.gid, m.mtime, m.size, m.linkname, sorted(m.pax_headers), repr(m.uname))
            """)
        let result = try Peer.python3.run(["check.py"], in: scratch)
        #expect(result.status == 0)
        #expect(
            result.output == """
                \(facts.diffID.digest.hex)
                /a/ü 0o755 3000000 7 315532801 900000  ['path', 'uid'] ''
                /\(Self.longName) 0o777 0 0 315532801 0 \(String(repeating: "ö", count: 99)) ['linkpath', 'path'] ''

                """)
    }
}
