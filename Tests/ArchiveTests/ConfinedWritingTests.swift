import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Writing in confined directories")
struct ConfinedWritingTests {
    @Test("A file gets exactly its mode, and replaces what was there, links included")
    func write() throws {
        let scratch = try ScratchDirectory()
        let directory = try scratch.directory
        try scratch.makeFile("victim", "untouched")
        try directory.makeLink("f", to: "victim")
        try directory.write("f", Array("one".utf8), mode: 0o666)
        #expect(try directory.read("victim") == Array("untouched".utf8))
        #expect(try directory.status("f", followingLinks: false)?.kind == .file)
        #expect(try directory.status("f")?.mode == 0o666)
        try directory.write("f", Array("two".utf8), mode: 0o4700)
        #expect(try directory.read("f") == Array("two".utf8))
        #expect(try directory.status("f")?.mode == 0o4700)
        #expect(try directory.names(".") == ["f", "victim"], "nothing temporary is left")
    }

    @Test("A failed write leaves nothing behind")
    func failedWrite() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("folder/x")
        #expect(throws: ConfinementError.self) { try scratch.directory.write("folder", [1]) }
        #expect(throws: ConfinementError.missing(path: scratch.path("none"))) { try scratch.directory.write("none/f", [1]) }
        for path in ["", ".", "..", "a/..", "/"] {
            #expect(throws: ConfinementError.self) { try scratch.directory.write(path, []) }
        }
        #expect(try scratch.directory.names(".") == ["folder"])
    }

    @Test("Parents outside are never written to", arguments: ["up/f", "absolute/f"])
    func confined(path: String) throws {
        let scratch = try ScratchDirectory()
        try scratch.directory.makeDirectories("outside")
        let root = try scratch.make("root")
        try root.makeLink("up", to: "../outside")
        try root.makeLink("absolute", to: scratch.path("outside"))
        #expect(throws: ConfinementError.self) { try root.write(path, [1]) }
        #expect(throws: ConfinementError.self) { try root.makeDirectories(path) }
        #expect(try scratch.directory.names("outside").isEmpty)
    }

    @Test("Directories that are made get the mode; those that exist keep theirs")
    func directories() throws {
        let scratch = try ScratchDirectory()
        let directory = try scratch.directory
        try directory.makeDirectories("a", mode: 0o700)
        try directory.makeDirectories("/a/b/./c/", mode: 0o1777)
        try directory.makeDirectories("a/b/c", mode: 0o755)
        #expect(try ["a", "a/b", "a/b/c"].map { try directory.status($0)?.mode } == [0o700, 0o1777, 0o1777])
        try directory.makeLink("link", to: "/a")
        try directory.makeDirectories("link/d")
        #expect(try directory.status("a/d")?.kind == .directory)
        try directory.write("file", [])
        #expect(throws: ConfinementError.self) { try directory.makeDirectories("file/x") }
        #expect(throws: ConfinementError.self) { try directory.makeDirectories("file") }
    }

    @Test("Owners are set", .enabled(if: isRoot, "only root gives files away"))
    func owners() throws {
        let scratch = try ScratchDirectory()
        let directory = try scratch.directory
        let owner = Ownership(user: 1234, group: 2345)
        try directory.makeDirectories("a/b", owner: owner)
        try directory.write("a/b/f", [], mode: 0o6755, owner: owner)
        #expect(try ["a", "a/b", "a/b/f"].map { try directory.status($0)?.owner } == [owner, owner, owner])
        #expect(try directory.status("a/b/f")?.mode == 0o6755)
    }

    @Test("Renaming moves the link, not its target")
    func rename() throws {
        let scratch = try ScratchDirectory()
        let directory = try scratch.directory
        try directory.write("target", [1])
        try directory.makeLink("link", to: "target")
        try directory.makeDirectories("d")
        try directory.rename("link", to: "d/moved")
        #expect(try directory.linkTarget("d/moved") == "target")
        #expect(try directory.names(".") == ["d", "target"])
        #expect(throws: ConfinementError.missing(path: directory.hostPath + "/gone")) { try directory.rename("gone", to: "x") }
    }

    @Test("Removing a tree follows no link and opens locked directories")
    func removeTree() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("keep/file", "x")
        try scratch.makeFile("tree/a/b/c", "x")
        try scratch.directory.makeLink("tree/link", to: "../keep")
        #expect(mkfifo(scratch.path("tree/pipe"), 0o644) == 0)
        for name in ["tree/a/b", "tree/a"] { #expect(chmod(scratch.path(name), 0) == 0) }
        try scratch.directory.removeTree("tree")
        #expect(try scratch.directory.names(".") == ["keep"])
        try scratch.directory.removeTree("tree")
        try scratch.directory.removeTree("none/tree")
        try scratch.directory.removeTree("keep/file")
        #expect(try scratch.directory.names("keep").isEmpty)
        #expect(throws: ConfinementError.self) { try scratch.directory.removeTree("..") }
    }
}
