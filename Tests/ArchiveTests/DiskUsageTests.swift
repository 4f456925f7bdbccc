import Archive
import Glibc
import TestSupport
import Testing

@Suite struct DiskUsageTests {
    private static func usage(_ paths: String...) throws -> Int64 {
        var usage = DiskUsage()
        for path in paths { try usage.add(ConfinedDirectory(path)) }
        return usage.bytes
    }

    /// What the file system says of one file.
    private static func allocated(_ path: String) -> Int64 {
        var status = stat()
        return lstat(path, &status) == 0 ? Int64(status.st_blocks) * 512 : -1
    }

    @Test func filesWithSeveralNamesCountOnce() throws {
        let scratch = try ScratchDirectory()
        for folder in ["a", "b"] { try #require(mkdir(scratch.path + "/" + folder, 0o755) == 0) }
        try ConfinedDirectory(scratch.path).write("a/file", Array(repeating: 7, count: 100_000))
        let file = scratch.path + "/a/file"
        let one = try Self.usage(scratch.path + "/a"), size = Self.allocated(file)
        #expect(size >= 100_000 && one == size + Self.allocated(scratch.path + "/a"))
        try #require(link(file, scratch.path + "/b/other") == 0 && link(file, scratch.path + "/a/more") == 0)
        try #require(symlink("file", scratch.path + "/a/link") == 0)
        let folders = Self.allocated(scratch.path + "/a") + Self.allocated(scratch.path + "/b") + Self.allocated(scratch.path + "/a/link")
        #expect(try Self.usage(scratch.path + "/a", scratch.path + "/b") == size + folders)
        #expect(try Self.usage(scratch.path) == size + folders + Self.allocated(scratch.path))
    }

    /// Holes take no space, whatever the size of the file says.
    @Test func holesAreNotCounted() throws {
        let scratch = try ScratchDirectory()
        let file = open(scratch.path + "/sparse", O_WRONLY | O_CREAT, 0o644)
        defer { close(file) }
        try #require(ftruncate(file, 1 << 30) == 0)
        #expect(try Self.usage(scratch.path) < 1 << 20)
    }
}
