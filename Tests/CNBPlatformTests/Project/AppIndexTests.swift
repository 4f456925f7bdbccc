import Archive
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

/// What tells, without reading a file, that an app's folder is as it was.
@Suite struct AppIndexTests {
    private let scratch: ScratchDirectory
    private let snapshot = AppSnapshot(filter: .everything, owner: nil)

    init() throws {
        scratch = try ScratchDirectory()
        try scratch.makeFolder("app/folder")
        try scratch.makeFile("app/folder/file", "one")
        try scratch.makeFile("app/other", "two")
        try scratch.check(symlink("other", scratch.path("app/link")), "link")
    }

    /// The index of a folder in which nothing has changed for a while.
    private func settled() async throws -> AppIndex {
        try await Task.sleep(for: .milliseconds(30))
        return try snapshot.index(of: scratch.path("app"))
    }

    @Test func whatStaysIsConfirmed() async throws {
        let index = try await settled()
        #expect(index.entries.map { String(decoding: $0.path, as: UTF8.self) } == ["", "folder", "folder/file", "link", "other"])
        #expect(index.isConfirmed(by: try await settled()))
        #expect(try snapshot.copy(from: scratch.path("app"), to: scratch.path("copy")) == index)
    }

    /// Even what leaves name, size and time of a file as they were.
    @Test(arguments: [
        "echo 1 > new", "rm other", "echo -n ono > folder/file; touch -r link folder/file",
        "cp -p other x; echo -n owt > other; touch -r x other; rm x; touch -r folder .",
        "chmod 600 other", "ln -sfn folder link", "ln other folder/again", "mkdir folder/empty", "touch other",
        "mv folder/file folder/elif",
        "rm -r folder; echo -n one > folder", "chmod 700 folder",
    ])
    func whatChangesIsNot(edit: String) async throws {
        let index = try await settled()
        try await Task.sleep(for: .milliseconds(30))
        let result = try await Program(["sh", "-c", edit], directory: scratch.path("app")).run()
        try #require(result.succeeded, "\(result)")
        #expect(try await !index.isConfirmed(by: settled()))
    }

    /// It could change again within what the file system takes for the same moment.
    @Test func whatHasJustChangedIsNotTrusted() async throws {
        _ = try await settled()
        try scratch.write("three", to: "app/other")
        let index = try snapshot.index(of: scratch.path("app"))
        #expect(index.entries.last?.identity == nil && index.entries[2].identity != nil)
        #expect(!index.isConfirmed(by: index))
        #expect(try await !index.isConfirmed(by: settled()))
    }

    /// What a build says of its app's changes.
    @Test(
        arguments: [
            ("echo 1 > new", ["new"], []), ("rm other", [], ["other"]), ("echo more >> folder/file", ["folder/file"], []),
            ("mv folder/file folder/elif; chmod 600 other", ["folder/elif", "other"], ["folder/file"]), ("mkdir folder/empty", [], []),
            ("rm -r folder; echo one > folder", ["folder"], ["folder/file"]), ("true", [], []),
        ] as [(String, Set<RawPath>, Set<RawPath>)])
    func changes(edit: String, written: Set<RawPath>, gone: Set<RawPath>) async throws {
        // Also of files that were written a moment before.
        let fresh = try snapshot.index(of: scratch.path("app"))
        let index = try await settled()
        let result = try await Program(["sh", "-c", edit], directory: scratch.path("app")).run()
        try #require(result.succeeded, "\(result)")
        for earlier in [fresh, index] {
            let changes = try await settled().changes(since: earlier)
            #expect(changes.written == written && changes.gone == gone)
        }
    }

    @Test func filesOfIndexes() async throws {
        try scratch.write("three", to: "app/other")
        let index = try snapshot.index(of: scratch.path("app"))
        let bytes = index.encoded()
        #expect(AppIndex(decoding: bytes) == index)
        for end in bytes.indices where AppIndex(decoding: Array(bytes[..<end])) == index { Issue.record("cut at \(end)") }
        #expect(AppIndex(decoding: Array("tote app index 1\n".utf8) + [255, 255, 255, 255, 1]) == nil)
    }

    /// The next copy shares what did not change with the last one, and nothing with the app.
    @Test func copiesShareFiles() async throws {
        let first = try await {
            _ = try await settled(); return try snapshot.copy(from: scratch.path("app"), to: scratch.path("first"))
        }()
        try scratch.write("new", to: "app/other")
        try snapshot.copy(from: scratch.path("app"), to: scratch.path("second"), over: (scratch.path("first"), first))
        #expect(scratch.text("second/other") == "new" && scratch.text("first/other") == "two")
        let inodes = ["app", "first", "second"].map { scratch.status("\($0)/folder/file")?.st_ino }
        #expect(inodes[1] == inodes[2] && inodes[0] != inodes[1])
        #expect(scratch.status("second/other")?.st_ino != scratch.status("app/other")?.st_ino)
    }
}
