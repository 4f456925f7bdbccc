import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Confined directories")
struct ConfinedDirectoryTests {
    /// `root/` with links that try to leave it, and `outside` beside it.
    private func hostile() throws -> (scratch: ScratchDirectory, root: ConfinedDirectory) {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("outside/secret", "host secret")
        try scratch.makeFile("root/etc/passwd", "inside")
        let root = try scratch.directory.directory("root")
        try root.makeLink("absolute", to: "/etc/passwd")
        try root.makeLink("up", to: "../../outside/secret")
        try root.makeLink("outside", to: scratch.path("outside/secret"))
        try root.makeLink("directory", to: "../outside")
        try root.makeLink("loop", to: "loop")
        try root.makeLink("magic", to: "/proc/self/root/etc/passwd")
        return (scratch, root)
    }

    @Test("Links are resolved inside", arguments: ["absolute", "etc/passwd", "/etc/passwd", "../etc/passwd", "etc/../../etc/passwd"])
    func resolvedInside(path: String) throws {
        let (scratch, root) = try hostile()
        defer { withExtendedLifetime(scratch) {} }
        #expect(try root.read(path) == Array("inside".utf8))
        #expect(try root.read(RawPath(path)) == Array("inside".utf8))
    }

    @Test(
        "Nothing outside can be read",
        arguments: ["up", "outside", "directory/secret", "magic", "../outside/secret", "nothing", "etc/passwd/x"])
    func nothingOutside(path: String) throws {
        let (scratch, root) = try hostile()
        defer { withExtendedLifetime(scratch) {} }
        #expect(throws: ConfinementError.missing(path: "\(root.hostPath)/\(path)")) { try root.read(path) }
        #expect(try root.readIfPresent(path) == nil)
        #expect(try root.status(path) == nil)
    }

    @Test("A link in a circle is an error, not an answer")
    func loop() throws {
        let (scratch, root) = try hostile()
        defer { withExtendedLifetime(scratch) {} }
        let failure = try #require(throws: ConfinementError.self) { try root.readIfPresent("loop") }
        #expect(failure.hint == "a symbolic link leads in a circle")
        #expect(try root.status("loop", followingLinks: false)?.kind == .symbolicLink)
        #expect(try root.linkTarget("up") == "../../outside/secret")
    }

    @Test("Only regular files are read, and nothing blocks")
    func kinds() throws {
        let scratch = try ScratchDirectory()
        #expect(mkfifo(scratch.path("pipe"), 0o644) == 0)
        try scratch.makeSocket("socket")
        try scratch.directory.makeDirectories("folder")
        for name in ["pipe", "socket", "folder"] {
            #expect(throws: ConfinementError.notRegular(path: scratch.path(name))) { try scratch.directory.read(name) }
        }
        #expect(throws: ConfinementError.notRegular(path: "/dev/null")) { try ConfinedDirectory("/dev").read("null") }
        #expect(throws: ConfinementError.notDirectory(path: scratch.path("pipe"))) { try scratch.directory.names("pipe") }
    }

    @Test("Sizes are limited", arguments: [(0, true), (9, true), (10, true), (11, false), (5000, false)])
    func limits(size: Int, fits: Bool) throws {
        let scratch = try ScratchDirectory()
        try scratch.directory.write("f", [UInt8](repeating: 7, count: size))
        if fits {
            #expect(try scratch.directory.read("f", limit: 10).count == size)
        } else {
            #expect(throws: ConfinementError.tooLarge(path: scratch.path("f"), limit: 10)) { try scratch.directory.read("f", limit: 10) }
        }
    }

    @Test("Files of /proc, whose size says 0, are read in full")
    func proc() throws {
        let proc = try ConfinedDirectory("/proc")
        #expect(try proc.read("cpuinfo").count > 10)
        #expect(throws: ConfinementError.tooLarge(path: "/proc/cpuinfo", limit: 10)) { try proc.read("cpuinfo", limit: 10) }
    }

    @Test("Names are sorted by bytes; entries say their kind")
    func listing() throws {
        let scratch = try ScratchDirectory()
        for name in ["b", "a", "B", "é", ".hidden", "_"] { try scratch.makeFile("d/\(name)") }
        try scratch.directory.makeDirectories("d/folder")
        try scratch.directory.makeLink("d/link", to: "folder")
        #expect(try scratch.directory.names("d").map(\.string) == [".hidden", "B", "_", "a", "b", "folder", "link", "é"])
        let kinds = try scratch.directory.entries("/d/").filter { $0.kind != .file }
        #expect(kinds.map(\.name) == ["folder", "link"] && kinds.map(\.kind) == [.directory, .symbolicLink])
        #expect(throws: ConfinementError.missing(path: scratch.path("none"))) { try scratch.directory.names("none") }
    }

    @Test("A directory inside becomes a root of its own")
    func narrower() throws {
        let (scratch, root) = try hostile()
        defer { withExtendedLifetime(scratch) {} }
        try root.makeLink("etc/above", to: "../absolute")
        let inner = try root.directory("etc")
        #expect(try inner.read("passwd") == Array("inside".utf8))
        #expect(try inner.readIfPresent("above") == nil)
        #expect(throws: ConfinementError.missing(path: "\(root.hostPath)/directory")) { try root.directory("directory") }
    }

    @Test("NUL bytes never cut a path short", arguments: ["etc/passwd\0.txt", "\0"])
    func nul(path: String) throws {
        let (scratch, root) = try hostile()
        defer { withExtendedLifetime(scratch) {} }
        #expect(throws: ConfinementError.self) { try root.read(path) }
        #expect(throws: ConfinementError.self) { try root.write(path, []) }
    }

    @Test("An unreadable file is named", .disabled(if: isRoot, "root reads everything"))
    func unreadable() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("f", "x", mode: 0)
        let failure = try #require(throws: ConfinementError.self) { try scratch.directory.read("f") }
        #expect(failure.message == "reading '\(scratch.path("f"))': Permission denied")
    }

    @Test("The host path may be a link; a missing one is named")
    func hostPath() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("real/f", "x")
        try scratch.directory.makeLink("link", to: "real")
        #expect(try ConfinedDirectory(scratch.path("link")).read("f") == [UInt8(ascii: "x")])
        #expect(throws: ConfinementError.missing(path: scratch.path("gone"))) { try ConfinedDirectory(scratch.path("gone")) }
        #expect(throws: ConfinementError.notDirectory(path: scratch.path("real/f"))) { try ConfinedDirectory(scratch.path("real/f")) }
    }
}
