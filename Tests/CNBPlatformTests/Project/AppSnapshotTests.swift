import Archive
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct AppSnapshotTests {
    private func scratchWithApp() throws -> ScratchDirectory {
        let scratch = try ScratchDirectory()
        try scratch.makeFolder("app")
        return scratch
    }

    private func copy(_ scratch: ScratchDirectory, include: [String] = [], exclude: [String] = [], owner: Ownership? = nil) throws {
        let filter = AppFilter(include: include, exclude: exclude)
        try AppSnapshot(filter: filter, owner: owner).copy(from: scratch.path("app"), to: scratch.path("copy"))
    }

    // A-40
    @Test func keepsModesTimesAndKinds() throws {
        let scratch = try scratchWithApp()
        try scratch.makeFolder("app/sub", mode: 0o2750)
        try scratch.makeFile("app/sub/run", "#!/bin/sh\n", mode: 0o755)
        try scratch.makeFile("app/secret", "s", mode: 0o600)
        try scratch.makeFile("app/suid", "s", mode: 0o4755)
        try scratch.check(symlink("/nonexistent/absolute", scratch.path("app/link")), "link")
        try scratch.check(symlink("nowhere", scratch.path("app/dangling")), "dangling")
        try scratch.check(mkfifo(scratch.path("app/pipe"), 0o640), "pipe")
        try scratch.makeFolder("app/closed", mode: 0o500)
        var times = [timespec(tv_sec: 5, tv_nsec: 7), timespec(tv_sec: 1_000_000, tv_nsec: 123)]
        for name in ["app/sub/run", "app/link", "app/pipe", "app/sub", "app"] {
            try scratch.check(utimensat(AT_FDCWD, scratch.path(name), &times, AT_SYMLINK_NOFOLLOW), name)
        }
        try copy(scratch)
        #expect(scratch.tree("copy") == ["closed", "dangling", "link", "pipe", "secret", "sub", "sub/run", "suid"])
        for name in ["", "/sub", "/sub/run", "/secret", "/suid", "/link", "/dangling", "/pipe", "/closed"] {
            let from = try #require(scratch.status("app" + name))
            let to = try #require(scratch.status("copy" + name))
            #expect(from.st_mode == to.st_mode, "\(name)")
            #expect(from.st_mtim.tv_sec == to.st_mtim.tv_sec && from.st_mtim.tv_nsec == to.st_mtim.tv_nsec, "\(name)")
            #expect(from.st_size == to.st_size || from.st_mode & S_IFMT == S_IFDIR, "\(name)")
        }
    }

    @Test func hardLinksStayOneFile() throws {
        let scratch = try scratchWithApp()
        try scratch.makeFolder("app/d")
        try scratch.makeFile("app/a", "shared")
        try scratch.check(link(scratch.path("app/a"), scratch.path("app/d/b")), "b")
        try scratch.check(link(scratch.path("app/a"), scratch.path("app/dropped")), "dropped")
        try copy(scratch, exclude: ["dropped"])
        let a = try #require(scratch.status("copy/a"))
        let b = try #require(scratch.status("copy/d/b"))
        #expect(a.st_ino == b.st_ino)
        #expect(a.st_nlink == 2)
    }

    @Test func socketsAreLeftOut() throws {
        let scratch = try scratchWithApp()
        try scratch.makeFile("app/a")
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: scratch.path("app/sock").utf8) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) }
        }
        try scratch.check(bound, "sock")
        try copy(scratch)
        #expect(scratch.tree("copy") == ["a"])
    }

    // A-36: the kit's project-exclude, as recorded.
    @Test func excludedFoldersMayStayEmpty() throws {
        let scratch = try scratchWithApp()
        for folder in ["src", "secrets", "sub"] { try scratch.makeFolder("app/" + folder) }
        for file in ["src/main.c", "top.txt", "keep.log", "secrets/key", "a.log", "sub/top.txt", "sub/b.log", "project.toml"] {
            try scratch.makeFile("app/" + file)
        }
        try copy(scratch, exclude: ["*.log", "/top.txt", "secrets/", "!keep.log"])
        #expect(scratch.tree("copy") == ["keep.log", "project.toml", "secrets", "src", "src/main.c", "sub", "sub/top.txt"])
    }

    // A-36: the kit's project-include, as recorded.
    @Test func parentsOfKeptFilesAreKept() throws {
        let scratch = try scratchWithApp()
        try scratch.makeFolder("app/src")
        try scratch.makeFolder("app/src/a")
        try scratch.makeFolder("app/media", mode: 0o711)
        try scratch.makeFolder("app/docs")
        for file in ["src/a/b.c", "README.md", "media/mountain.jpg", "media/river.jpg", "other.txt", "project.toml", "docs/guide.md"] {
            try scratch.makeFile("app/" + file)
        }
        try copy(scratch, include: ["src/**", "media/mountain.jpg", "*.md"])
        #expect(scratch.tree("copy") == ["README.md", "docs", "docs/guide.md", "media", "media/mountain.jpg", "src", "src/a", "src/a/b.c"])
        #expect(try #require(scratch.status("copy/media")).st_mode & 0o7777 == 0o711)
    }

    @Test func takesBackBelowAnExcludedFolder() throws {
        let scratch = try scratchWithApp()
        try scratch.makeFolder("app/out")
        try scratch.makeFile("app/out/drop")
        try scratch.makeFile("app/out/keep")
        try copy(scratch, exclude: ["out", "!out/keep"])
        #expect(scratch.tree("copy") == ["out", "out/keep"])
    }

    @Test func copiesContentsAndHoles() throws {
        let scratch = try scratchWithApp()
        let text = String(repeating: "0123456789abcdef", count: 40_000)
        try scratch.makeFile("app/big", text)
        let descriptor = open(scratch.path("app/sparse"), O_WRONLY | O_CREAT, 0o644)
        try scratch.check(ftruncate(descriptor, 64 << 20), "sparse")
        #expect(pwrite(descriptor, "x", 1, 32 << 20) == 1)
        close(descriptor)
        try copy(scratch)
        #expect(try UserFile.read(scratch.path("copy/big"), shown: "big") == Array(text.utf8))
        let sparse = try #require(scratch.status("copy/sparse"))
        #expect(sparse.st_size == 64 << 20)
        #expect(sparse.st_blocks < 4096)
        let copied = open(scratch.path("copy/sparse"), O_RDONLY)
        defer { close(copied) }
        var byte: UInt8 = 0
        #expect(pread(copied, &byte, 1, 32 << 20) == 1)
        #expect(byte == UInt8(ascii: "x"))
    }

    @Test func refusesADestinationInsideTheApp() throws {
        let scratch = try scratchWithApp()
        try scratch.makeFolder("app/d")
        try scratch.check(symlink("app/d", scratch.path("way")), "way")
        for destination in ["app/copy", "app", "app/d/copy", "way/copy", "app/d/../copy"] {
            #expect(throws: Fault.self, "\(destination)") {
                try AppSnapshot(filter: .everything, owner: nil).copy(from: scratch.path("app"), to: scratch.path(destination))
            }
        }
        #expect(scratch.tree("app") == ["d"])
    }

    @Test func namesWhatIsMissingOrUnreadable() throws {
        let scratch = try ScratchDirectory()
        let fault = #expect(throws: Fault.self) { try copy(scratch) }
        #expect(fault?.message == "reading the app's folder '\(scratch.path("app"))': No such file or directory")
        #expect(SnapshotFault.reading("a/b", code: ENOENT).message == "'a/b' vanished while the app's folder was being copied")
        guard geteuid() != 0 else { return }
        try scratch.makeFolder("app")
        try scratch.makeFile("app/locked", mode: 0)
        let denied = #expect(throws: Fault.self) { try copy(scratch) }
        #expect(denied?.message == "reading 'locked' in the app's folder: Permission denied")
        #expect(denied?.hint?.contains("exclude") == true)
    }

    @Test func givesTheWantedOwner() throws {
        guard geteuid() == 0 else { return }
        let scratch = try scratchWithApp()
        try scratch.makeFile("app/a", mode: 0o4755)
        try scratch.check(symlink("a", scratch.path("app/l")), "l")
        try copy(scratch, owner: Ownership(user: 1234, group: 2345))
        for name in ["copy", "copy/a", "copy/l"] {
            let status = try #require(scratch.status(name))
            #expect(status.st_uid == 1234 && status.st_gid == 2345, "\(name)")
        }
        #expect(try #require(scratch.status("copy/a")).st_mode & 0o7777 == 0o4755)
    }

    @Test func fillsAnEmptyFolderOnly() throws {
        let scratch = try scratchWithApp()
        try scratch.makeFile("app/a", "new")
        try scratch.makeFolder("copy")
        try copy(scratch)
        #expect(scratch.tree("copy") == ["a"])
        #expect(throws: Fault.self) { try copy(scratch) }
    }
}
