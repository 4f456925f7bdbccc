import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Unpacking zips")
struct ZipTests {
    private func text(_ directory: ConfinedDirectory, _ path: String) throws -> String {
        String(decoding: try directory.read(path), as: UTF8.self)
    }

    @Test("What Python writes: deflated and stored, modes, links, times, comments", .enabled(if: Peer.canRun(.python3)))
    func readsWhatOthersWrite() throws {
        let scratch = try ScratchDirectory()
        let script = """
            import zipfile, stat
            with zipfile.ZipFile('app.zip', 'w') as z:
                def add(name, data, mode, method=zipfile.ZIP_DEFLATED):
                    info = zipfile.ZipInfo(name, (2020, 2, 29, 13, 14, 16))
                    info.create_system, info.external_attr, info.compress_type = 3, mode << 16, method
                    z.writestr(info, data)
                add('bin/', '', stat.S_IFDIR | 0o750)
                add('bin/run', '#!/bin/sh\\n', stat.S_IFREG | 0o755)
                add('big', b'0123456789abcdef' * 100000, stat.S_IFREG | 0o600)
                add('stored', 'as it is', stat.S_IFREG | 0o644, zipfile.ZIP_STORED)
                add('empty', '', stat.S_IFREG | 0o640)
                add('link', 'bin/run', stat.S_IFLNK | 0o777)
                add('away', '/etc/passwd', stat.S_IFLNK | 0o777)
                add('deep/er/file', 'x', stat.S_IFREG | 0o644)
                add('grüße', 'hallo', stat.S_IFREG | 0o644)
                z.comment = b'PK\\x05\\x06 a comment that looks like the end'
            """
        #expect(try Peer.python3.run(["-c", script], in: scratch).output == "")
        let zip = try #require(try ZipArchive(scratch.path("app.zip"), shown: "app.zip"))
        let out = try scratch.unpack(zip)
        #expect(try text(out, "bin/run") == "#!/bin/sh\n")
        #expect(try out.read("big") == Array(String(repeating: "0123456789abcdef", count: 100_000).utf8))
        #expect(try text(out, "stored") == "as it is")
        #expect(try text(out, "deep/er/file") == "x")
        #expect(try text(out, "grüße") == "hallo")
        #expect(try text(out, "link") == "#!/bin/sh\n")
        for (name, mode) in [("bin", 0o750), ("bin/run", 0o755), ("big", 0o600), ("empty", 0o640), ("deep", 0o755)] as [(String, UInt32)] {
            #expect(try out.status(name)?.mode == mode, "\(name)")
        }
        // 2020-02-29T13:14:16Z
        #expect(try out.status("bin/run")?.modified.seconds == 1_582_982_056)
        #expect(try out.status("bin")?.modified.seconds == 1_582_982_056)
        // A link that leads outside stays a link, and is not followed.
        #expect(try out.status("away", followingLinks: false)?.kind == .symbolicLink)
    }

    @Test("Zip64 and times of UNIX's programs", .enabled(if: Peer.canRun(.python3)))
    func readsWideFields() throws {
        let scratch = try ScratchDirectory()
        let script = """
            import zipfile, struct
            zipfile.ZIP64_LIMIT = 10
            with zipfile.ZipFile('app.zip', 'w') as z:
                info = zipfile.ZipInfo('wide', (1999, 1, 1, 0, 0, 0))
                info.create_system, info.external_attr = 3, 0o100644 << 16
                info.extra = struct.pack('<HHBl', 0x5455, 5, 1, 1700000000)
                z.writestr(info, 'more than ten bytes')
                z.writestr('second', 'also more than ten bytes')
            """
        #expect(try Peer.python3.run(["-c", script], in: scratch).output == "")
        let zip = try #require(try ZipArchive(scratch.path("app.zip"), shown: "app.zip"))
        let out = try scratch.unpack(zip)
        #expect(try text(out, "wide") == "more than ten bytes")
        #expect(try text(out, "second") == "also more than ten bytes")
        #expect(try out.status("wide")?.modified.seconds == 1_700_000_000)
    }

    // A-40
    @Test("Without modes everyone may do everything", arguments: [UInt16(0), 10, 14, 3])
    func fatModes(host: UInt16) throws {
        let scratch = try ScratchDirectory()
        let zip = ZipFixture(
            .init(name: "d/", mode: 0, host: host), .init(name: "d/f", contents: "x", mode: 0, host: host))
        let out = try scratch.unpack(try #require(try scratch.zip(zip.bytes)))
        #expect(try out.status("d")?.mode == 0o777)
        #expect(try out.status("d")?.kind == .directory)
        #expect(try out.status("d/f")?.mode == 0o777)
    }

    @Test("Backslashes of other systems are slashes")
    func backslashes() throws {
        let scratch = try ScratchDirectory()
        let zip = ZipFixture(.init(name: "a\\b", contents: "x", mode: 0, host: 0), .init(name: "c\\d", contents: "y"))
        let out = try scratch.unpack(try #require(try scratch.zip(zip.bytes)))
        #expect(try text(out, "a/b") == "x")
        #expect(try text(out, "c\\d") == "y")
    }

    @Test("A script in front, a folder twice, an empty archive")
    func oddButFine() throws {
        let scratch = try ScratchDirectory()
        var zip = ZipFixture(.init(name: "d/", mode: 0o040700), .init(name: "d/", mode: 0o040755), .init(name: ".wh.x", contents: "x"))
        zip.prefix = "#!/bin/sh\nexec java -jar $0\n"
        let out = try scratch.unpack(try #require(try scratch.zip(zip.bytes)))
        #expect(try out.names(".").map(\.string).sorted() == [".wh.x", "d"])
        #expect(try scratch.zip(ZipFixture().bytes)?.entries == [])
    }

    // A-36: folders above what is kept are kept, with their modes.
    @Test func keepsWhatIsWanted() throws {
        let scratch = try ScratchDirectory()
        let zip = ZipFixture(
            .init(name: "media/", mode: 0o040711), .init(name: "media/a.jpg"), .init(name: "media/b.jpg"), .init(name: "other/"))
        let out = try scratch.unpack(try #require(try scratch.zip(zip.bytes))) { $0 == "media/a.jpg" }
        #expect(try out.names(".").map(\.string) == ["media"])
        #expect(try out.names("media").map(\.string) == ["a.jpg"])
        #expect(try out.status("media")?.mode == 0o711)
    }

    @Test func otherFilesAreNoZips() throws {
        let scratch = try ScratchDirectory()
        for text in ["", "PK", "#!/bin/sh\n", String(repeating: "x", count: 100_000)] {
            #expect(try scratch.zip(Array(text.utf8)) == nil)
        }
        var trailed = ZipFixture(.init(name: "a"))
        trailed.suffix = "trailing"
        #expect(try scratch.zip(trailed.bytes) == nil)
        #expect(throws: Fault.self) { try ZipArchive(scratch.path("nowhere"), shown: "nowhere") }
        #expect(try ZipArchive("/dev/null", shown: "null") == nil)
    }

    struct Hostile: Sendable, CustomTestStringConvertible {
        var reason: String
        var zip: ZipFixture
        var testDescription: String { reason }
    }

    static let hostile: [Hostile] = [
        Hostile(reason: "the entry '../x' would leave the folder that it is unpacked to", zip: ZipFixture(.init(name: "../x"))),
        Hostile(reason: "the entry 'a/../../x' would leave", zip: ZipFixture(.init(name: "a/../../x"))),
        Hostile(reason: "the entry '..\\x' would leave", zip: ZipFixture(.init(name: "..\\x", host: 0))),
        Hostile(reason: "the entry '/etc/passwd' has an absolute name", zip: ZipFixture(.init(name: "/etc/passwd"))),
        Hostile(reason: "has a NUL character in its name", zip: ZipFixture(.init(name: "a\0b"))),
        Hostile(reason: "the entry '' has no name", zip: ZipFixture(.init(name: ""))),
        Hostile(reason: "it has two entries 'a'", zip: ZipFixture(.init(name: "a"), .init(name: "a"))),
        Hostile(reason: "it has two entries 'a'", zip: ZipFixture(.init(name: "a/", mode: 0o040755), .init(name: "a"))),
        Hostile(reason: "it has two entries 'a/b'", zip: ZipFixture(.init(name: "a/b"), .init(name: "a//./b"))),
        Hostile(
            reason: "the entry 'l/x' lies beneath 'l', which is no folder",
            zip: ZipFixture(.init(name: "l", contents: "/etc", mode: 0o120777), .init(name: "l/x"))),
        Hostile(
            reason: "the entry 'l/x/y' lies beneath 'l', which is no folder",
            zip: ZipFixture(.init(name: "l/x/y"), .init(name: "l", contents: "/etc", mode: 0o120777))),
        Hostile(reason: "the entry 'null' is a device, pipe or socket", zip: ZipFixture(.init(name: "null", mode: 0o020666))),
        Hostile(reason: "the entry 'sda' is a device, pipe or socket", zip: ZipFixture(.init(name: "sda", mode: 0o060660))),
        Hostile(reason: "the entry 'p' is a device, pipe or socket", zip: ZipFixture(.init(name: "p", mode: 0o010644))),
        Hostile(reason: "the entry 'l' leads nowhere", zip: ZipFixture(.init(name: "l", mode: 0o120777))),
        Hostile(reason: "the entry 'secret' is encrypted", zip: ZipFixture(.init(name: "secret", flags: 1))),
        Hostile(reason: "the entry 'a' is encrypted", zip: ZipFixture(.init(name: "a", method: 99))),
        Hostile(reason: "the entry 'a' is compressed by method 12", zip: ZipFixture(.init(name: "a", method: 12))),
        Hostile(reason: "the entry 'a' has two sizes", zip: ZipFixture(.init(name: "a", contents: "abc", size: 2))),
        Hostile(reason: "its checksum is wrong", zip: ZipFixture(.init(name: "a", contents: "abc", checksum: 1))),
        Hostile(reason: "is not where the table of contents says", zip: ZipFixture(.init(name: "a", localName: "b"))),
        Hostile(
            reason: "the entry 'b' shares bytes with something else",
            zip: ZipFixture(.init(name: "a", contents: "abc"), .init(name: "b", contents: "abc", offset: 0))),
        Hostile(reason: "shares bytes with something else", zip: ZipFixture(.init(name: "a", contents: "abc", offset: 1 << 30))),
        Hostile(
            reason: "its table of contents is damaged",
            zip: {
                var zip = ZipFixture(.init(name: "a"))
                zip.count = 2
                return zip
            }()),
        Hostile(
            reason: "it is one part of several",
            zip: {
                var zip = ZipFixture(.init(name: "a"))
                zip.disk = 1
                return zip
            }()),
    ]

    @Test("What is hostile is refused by name", arguments: hostile)
    func refuses(_ hostile: Hostile) throws {
        let scratch = try ScratchDirectory()
        let fault = #expect(throws: Fault.self) { try scratch.unpack(try #require(try scratch.zip(hostile.zip.bytes))) }
        #expect(fault?.message.contains(hostile.reason) == true, "\(fault?.message ?? "")")
        #expect(fault?.message.contains("'app.zip'") == true)
    }

    @Test("Every byte may be wrong: an error or a result, never a trap")
    func survivesDamage() throws {
        let scratch = try ScratchDirectory()
        let good = ZipFixture(.init(name: "a", contents: "hello"), .init(name: "d/", mode: 0o040755)).bytes
        for place in good.indices {
            for value: UInt8 in [0, 0x7f, 0xff] {
                var bytes = good
                bytes[place] = value
                guard let zip = try? scratch.zip(bytes, name: "damaged.zip") else { continue }
                _ = try? scratch.unpack(zip, limit: 1 << 20)
            }
            _ = try? scratch.zip(Array(good[..<place]), name: "damaged.zip")
        }
        #expect(try scratch.zip(good) != nil)
    }

    @Test("Lying sizes and bombs", .enabled(if: Peer.canRun(.python3)))
    func bombs() throws {
        let scratch = try ScratchDirectory()
        let script = """
            import zipfile, struct
            with zipfile.ZipFile('bomb.zip', 'w', zipfile.ZIP_DEFLATED) as z:
                z.writestr('zeros', bytes(4 << 20))
            data = bytearray(open('bomb.zip', 'rb').read())
            for name, size in [('larger', 1000), ('smaller', 5 << 20)]:
                lie = bytearray(data)
                place = lie.index(b'PK\\x01\\x02')
                lie[place + 24:place + 28] = struct.pack('<I', size)
                open(name + '.zip', 'wb').write(lie)
            """
        #expect(try Peer.python3.run(["-c", script], in: scratch).output == "")
        func failure(_ name: String, limit: Int64) throws -> Fault {
            let zip = try #require(try ZipArchive(scratch.path(name), shown: name))
            return try #require(throws: Fault.self) { try scratch.unpack(zip, limit: limit) }
        }
        let bomb = try failure("bomb.zip", limit: 1 << 20)
        #expect(bomb.message == "the zip 'bomb.zip' becomes larger than 1048576 bytes, the most that is unpacked")
        #expect(bomb.hint == "raise it")
        // Known before anything is written.
        #expect(try scratch.directory.names("out") == [])
        #expect(try failure("larger.zip", limit: 1 << 20).message.contains("'zeros' is larger than it says"))
        #expect(try scratch.directory.status("out/zeros")?.size ?? 0 <= 1000)
        #expect(try failure("smaller.zip", limit: 1 << 30).message.contains("'zeros' is smaller than it says"))
    }

    @Test("Many empty entries are a bomb, too")
    func emptyEntriesCount() throws {
        let scratch = try ScratchDirectory()
        var fixture = ZipFixture()
        fixture.entries = (0..<100).map { .init(name: "f\($0)") }
        let zip = try #require(try scratch.zip(fixture.bytes))
        #expect(throws: Fault.self) { try scratch.unpack(zip, limit: 99 * 512) }
        _ = try scratch.unpack(zip, limit: 100 * 512)
    }
}
