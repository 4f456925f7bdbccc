import CLinux
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import Archive

@Suite("Unpacking layers (S-2)")
struct UnpackingTests {
    private let scratch: ScratchDirectory
    private let target: ConfinedDirectory
    private static let plain = Unpacking(ownership: .current, whiteouts: .refuse)

    init() throws {
        // Not every kernel has the extended attributes of ordinary users in memory.
        scratch = try ScratchDirectory(in: "/tmp")
        target = try scratch.make("target")
        try scratch.makeFile("outside/secret", "host")
    }

    @discardableResult
    private func unpack(_ entries: [(TarHeader, String)], _ options: Unpacking = plain) throws -> DiffID {
        try scratch.reading(try tar(entries)) { try Archive.unpack(try LayerReader(descriptor: $0), into: target, options) }
    }

    private func file(_ path: RawPath, _ text: String = "", mode: UInt32 = 0o644, owner: Ownership = .root) -> (TarHeader, String) {
        (TarHeader(path: path, kind: .file, mode: mode, owner: owner), text)
    }

    private func directory(_ path: RawPath, mode: UInt32 = 0o755) -> (TarHeader, String) {
        (TarHeader(path: path, kind: .directory, mode: mode), "")
    }

    private func link(_ path: RawPath, to target: RawPath, _ kind: TarHeader.Kind = .symbolicLink) -> (TarHeader, String) {
        (TarHeader(path: path, kind: kind, mode: 0o777, linkTarget: target), "")
    }

    private func text(_ path: String) throws -> String? {
        try target.readIfPresent(path).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test("Everything arrives: kinds, modes, times, odd names, missing parents")
    func everything() throws {
        let latin = RawPath(bytes: Array("d/".utf8) + [0xfc])
        let entries = [
            directory("/d/", mode: 0o1750), file("./d/f", "text", mode: 0o4640), file(latin, "latin"), link("d/l", to: "/etc/passwd"),
            link("hard", to: "d/f", .hardLink), (TarHeader(path: "pipe", kind: .fifo, mode: 0o620), ""), file("missing/parent/f", "x"),
            directory("locked", mode: 0o555), file("locked/f", "inside"), link("dangling", to: "d/l", .hardLink),
        ]
        let diffID = try unpack(entries)
        #expect(diffID.digest == Digest.of(try tar(entries)))
        #expect(try text("d/f") == "text" && text("missing/parent/f") == "x" && text("locked/f") == "inside")
        #expect(try target.read(latin) == Array("latin".utf8))
        #expect(try target.linkTarget("d/l") == "/etc/passwd")
        #expect(try target.linkTarget("dangling") == "/etc/passwd")
        let status = try #require(try target.status("hard"))
        #expect(status.links == 2 && status.mode == 0o4640 && status.modified == .init(seconds: layerTimestamp, nanoseconds: 0))
        #expect(try target.status("pipe")?.kind == .fifo && target.status("pipe")?.mode == 0o620)
        let folder = try #require(try target.status("d"))
        #expect(folder.mode == 0o1750 && folder.modified.seconds == layerTimestamp)
        #expect(try target.status("locked")?.mode == 0o555)
        #expect(try target.status("d/l", followingLinks: false)?.modified.seconds == layerTimestamp)
    }

    @Test("Paths with '..' are refused", arguments: ["../evil", "a/../../evil", "/..", "..", "a/.."])
    func dotDot(path: String) throws {
        let failure = try #require(throws: Fault.self) { try unpack([file(RawPath(path), "x")]) }
        #expect(failure.message.contains("would leave its directory"))
        #expect(throws: Fault.self) { try unpack([file("f"), link("h", to: RawPath(path), .hardLink)]) }
        #expect(try scratch.directory.status("evil") == nil)
    }

    @Test("Links made by the layer lead nowhere outside", arguments: ["../outside", "/", "../../../../../../../../.."])
    func linksInside(to: String) throws {
        let link = link("l", to: to == "/" ? RawPath(scratch.path("outside")) : RawPath(to))
        _ = try? unpack([link, file("l/secret", "overwritten"), file("l/new", "x"), directory("l/d")])
        #expect(try scratch.directory.read("outside/secret") == Array("host".utf8))
        #expect(try scratch.directory.names("outside") == ["secret"])
    }

    @Test("A parent that is a link inside is followed inside")
    func linkedParent() throws {
        try unpack([
            directory("usr"), directory("usr/bin"), link("bin", to: "/usr/bin"), file("bin/tool", "t"),
            link("h", to: "bin/tool", .hardLink),
        ])
        #expect(try text("usr/bin/tool") == "t" && text("h") == "t")
        #expect(try target.linkTarget("bin") == "/usr/bin")
    }

    @Test("A file never goes through a link in its own place")
    func replacedLink() throws {
        try unpack([link("f", to: RawPath(scratch.path("outside/secret"))), file("f", "own"), link("g", to: "f"), file("g", "other")])
        #expect(try text("f") == "own" && text("g") == "other")
        #expect(try target.linkTarget("g") == nil)
        #expect(try scratch.directory.read("outside/secret") == Array("host".utf8))
    }

    @Test("Later entries replace earlier ones of any kind; directories are merged")
    func replacing() throws {
        try unpack([
            directory("a"), file("a/inner"), file("a", "now a file"), file("b"), directory("b", mode: 0o700), file("b/x"),
            directory("c", mode: 0o700), file("c/kept", "k"), directory("c", mode: 0o711), link("e", to: "x"), directory("e"), file("e/y"),
            directory("s"), file("s/t"), link("s", to: "c"), file("s/via", "v"), file("same", "s"), link("same", to: "same", .hardLink),
        ])
        #expect(try text("a") == "now a file" && text("c/kept") == "k" && text("c/via") == "v" && text("same") == "s")
        #expect(try ["b", "c", "e"].map { try target.status($0)?.mode } == [0o700, 0o711, 0o755])
        #expect(try target.names("e") == ["y"])
    }

    @Test("Hard links reach only what the layer has", arguments: ["/etc/passwd", "none", "l/secret", "d"])
    func hardLinks(to: String) throws {
        #expect(throws: Fault.self) {
            try unpack([directory("d"), link("l", to: RawPath(scratch.path("outside"))), link("h", to: RawPath(to), .hardLink)])
        }
        #expect(try target.status("h", followingLinks: false) == nil)
    }

    @Test("Device nodes are left out")
    func devices() throws {
        try unpack([
            (TarHeader(path: "null", kind: .characterDevice, mode: 0o666, deviceMajor: 1, deviceMinor: 3), ""),
            (TarHeader(path: "white", kind: .characterDevice, mode: 0o666), ""),
            (TarHeader(path: "disk", kind: .blockDevice, mode: 0o666), ""),
        ])
        #expect(try target.names(".").isEmpty)
    }

    @Test("D-22: a cached layer comes back as it was or not at all: names like whiteouts are files', device nodes are refused")
    func cachedLayer() throws {
        let options = Unpacking.cachedLayer(below: "", owner: nil)
        try unpack([directory("d"), file("d/f", "1"), file("d/.wh.f", "2"), file("d/.wh..wh..opq", "3"), file(".wh.", "4")], options)
        #expect(try text("d/f") == "1" && text("d/.wh.f") == "2" && text("d/.wh..wh..opq") == "3" && text(".wh.") == "4")
        for kind in [TarHeader.Kind.characterDevice, .blockDevice] {
            let failure = try #require(throws: DeviceInLayer.self) {
                try unpack([(TarHeader(path: "d/node", kind: kind, mode: 0o666), "")], options)
            }
            #expect(failure.message.contains("d/node"))
        }
    }

    @Test("A file as a parent is an error that names it")
    func fileAsParent() throws {
        let failure = try #require(throws: ConfinementError.self) { try unpack([file("f"), file("f/x")]) }
        #expect(failure == .notDirectory(path: scratch.path("target/f")))
    }

    @Test("A prefix is taken off, and what is not below it left out")
    func prefix() throws {
        let options = Unpacking(ownership: .current, whiteouts: .refuse, strippedPrefix: "/layers/x")
        try unpack(
            [
                directory("/layers"), directory("/layers/x", mode: 0o700), file("/layers/x/f", "f"), file("/layers/xy/g"),
                file("/etc/passwd"),
                link("/layers/x/h", to: "/layers/x/f", .hardLink),
            ], options)
        #expect(try target.names(".") == ["f", "h"])
        #expect(try target.status(".")?.mode == 0o700)
    }

    @Test("Owners: the header's, one for all, or whoever unpacks", .enabled(if: isRoot, "only root gives files away"))
    func owners() throws {
        let owner = Ownership(user: 1234, group: 4321)
        let entries = [file("p/f", mode: 0o6755, owner: owner), link("l", to: "x"), link("h", to: "p/f", .hardLink)]
        try unpack(entries, Unpacking(ownership: .keep, whiteouts: .refuse))
        #expect(try target.status("p/f")?.owner == owner && target.status("p/f")?.mode == 0o6755)
        #expect(try target.status("p")?.owner == .root)
        try unpack(entries, Unpacking(ownership: .override(owner), whiteouts: .refuse))
        #expect(try target.status("l", followingLinks: false)?.owner == owner)
        try unpack(entries)
        #expect(try target.status("p/f")?.owner == .root)
    }

    @Test("Whiteouts where nothing is below", arguments: ["d/.wh.f", "d/.wh..wh..opq"])
    func refusedWhiteouts(path: String) throws {
        let failure = try #require(throws: Fault.self) { try unpack([file(RawPath(path))]) }
        #expect(failure.message.contains("removes files of layers below"))
    }

    @Test(
        "Whiteout names",
        arguments: [
            (".wh.a", .entry("a")), (".wh..a", .entry(".a")), (".wh..wh..opq", .opaque), (".wh..wh.plnk", .none), (".wh..wh.aufs", .none),
            (".wh.", .malformed), (".wh..", .malformed), (".wh...", .malformed),
        ] as [(String, Whiteout)])
    func whiteoutNames(name: String, expected: Whiteout) {
        #expect(Whiteout(RawPath(name)) == expected)
    }

    @Test("Whiteouts take the form of overlayfs", .enabled(if: isRoot, "only root makes device nodes"), arguments: [true, false])
    func whiteouts(userXattr: Bool) throws {
        let name = userXattr ? "user.overlay.opaque" : "trusted.overlay.opaque"
        guard setxattr(scratch.path, name, "y", 1, 0) == 0 else { return }  // the scratch file system has no such attributes
        try unpack(
            [
                file("d/.wh.gone"), file("d/.wh.kept"), file("d/kept", "k"), file("e/.wh..wh..opq"), file("e/new"), file(".wh.f"),
                directory("f"),
                directory("g"), file(".wh.g"), file("h", "own"), file(".wh.h"), file(".wh..wh.plnk"),
            ], Unpacking(ownership: .keep, whiteouts: .overlay(userXattr: userXattr)))
        #expect(try target.status("d/gone")?.isWhiteout == true)
        #expect(try text("d/kept") == "k" && text("h") == "own")
        #expect(try target.names(".") == ["d", "e", "f", "g", "h"])
        for (path, isOpaque) in [("d", false), ("e", true), ("f", true), ("g", true)] {
            var value = [UInt8](repeating: 0, count: 4)
            #expect((getxattr(scratch.path("target/\(path)"), name, &value, 4) == 1) == isOpaque, "\(path)")
        }
        #expect(throws: Fault.self) {
            try unpack([file("d/.wh...")], Unpacking(ownership: .keep, whiteouts: .overlay(userXattr: userXattr)))
        }
    }

    @Test("A damaged layer fails, whatever is already unpacked")
    func damaged() throws {
        let bytes = try tar([file("first", "1"), file("second", String(repeating: "2", count: 5000))])
        #expect(throws: Fault.self) {
            try scratch.reading(Array(bytes.prefix(3000))) { try Archive.unpack(try LayerReader(descriptor: $0), into: target, Self.plain) }
        }
    }
}
