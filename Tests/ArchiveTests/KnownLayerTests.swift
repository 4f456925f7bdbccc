import Glibc
import TestSupport
import Testing

@testable import Archive

/// Trees whose diffIDs were measured on the reference implementation: every byte of the tar must be the same.
@Suite("Layers of the reference (D-41 to D-45)")
struct KnownLayerTests {
    private static let owner = Ownership(user: 1000, group: 1000)

    private func diffID(_ scratch: ScratchDirectory, _ tree: String, at path: RawPath, parents: [RawPath]) throws -> String {
        let writer = LayerWriter(.hashOnly)
        for parent in parents { try writer.append(TarHeader(path: parent, kind: .directory, mode: 0o755, owner: Self.owner)) }
        try writer.append(tree: scratch.directory, tree, at: path, owner: Self.owner)
        return try writer.finish().diffID.description
    }

    @Test("Application: links, empty directories, odd names")
    func application() throws {
        let scratch = try ScratchDirectory()
        for (name, text) in [("B.txt", "B"), ("_x", "x"), ("a.txt", "a"), ("plain.txt", "p\n"), ("ünï côdé.txt", "u")] {
            try scratch.makeFile("app/\(name)", text)
        }
        try scratch.makeFile("app/script.sh", "#!/bin/sh\n", mode: 0o755)
        try scratch.directory.makeDirectories("app/empty")
        try scratch.directory.makeDirectories("app/group-writable", mode: 0o775)
        try scratch.makeFile("app/group-writable/secret", "s", mode: 0o600)
        try scratch.directory.makeLink("app/link", to: "plain.txt")
        try scratch.directory.makeLink("app/loop", to: "loop")
        #expect(link(scratch.path("app/plain.txt"), scratch.path("app/hard.txt")) == 0)
        #expect(
            try diffID(scratch, "app", at: "/workspace", parents: [])
                == "sha256:cf4a3fca208e5b541d159343a3a86f826c9ffdeda2e19ca62323effe01c6124a")
    }

    @Test("Layer: FIFO, hard link, modes, dangling link; a socket is left out")
    func layer() throws {
        let scratch = try ScratchDirectory()
        let directory = try scratch.directory
        try directory.makeDirectories("l/empty")
        try directory.makeDirectories("l/private", mode: 0o700)
        try scratch.makeFile("l/private/key", "secret\n", mode: 0o600)
        try directory.makeLink("l/link", to: "../l/private/key")
        try directory.makeLink("l/dangling", to: "/absolute/nowhere")
        #expect(link(scratch.path("l/private/key"), scratch.path("l/hard")) == 0)
        try scratch.makeFile("l/readonly", "ro\n", mode: 0o444)
        #expect(mkfifo(scratch.path("l/pipe"), 0o600) == 0 && chmod(scratch.path("l/pipe"), 0o644) == 0)
        try scratch.makeFile("l/naïve file.txt", "ü\n")
        try scratch.makeFile("l/trailing space ", "tail\n")
        try scratch.makeSocket("l/socket")
        #expect(
            try diffID(scratch, "l", at: "/layers/kit_files/l", parents: ["/layers", "/layers/kit_files"])
                == "sha256:378d66b775df8ffda0ce21225dbb75fe6c2f24324043489d319f04a8eaa497fd")
    }

    @Test("An empty layer is two zero blocks (D-50)")
    func empty() throws {
        let facts = try LayerWriter(.hashOnly).finish()
        #expect(facts.size == 1024)
        #expect(facts.diffID.description == "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")
        #expect(facts.digest == facts.diffID.digest)
    }

    @Test("Umask and time of the tree have no part in it")
    func umaskAndTime() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("a/f", "1")
        let before = try diffID(scratch, "a", at: "/a", parents: [])
        var times = [timespec(tv_sec: 1_000_000_000, tv_nsec: 5), timespec(tv_sec: 2_000_000_000, tv_nsec: 7)]
        #expect(utimensat(AT_FDCWD, scratch.path("a/f"), &times, 0) == 0)
        #expect(try diffID(scratch, "a", at: "/a", parents: []) == before)
    }
}

extension ScratchDirectory {
    func makeSocket(_ name: String) throws {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path(name).utf8)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes.prefix($0.count - 1)) }
        let size = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, size) }
        }
        guard bound == 0 else { throw TestSetupError("no socket at \(name)") }
    }
}
