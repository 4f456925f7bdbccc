import Archive
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

@Suite("Folders of the caller's")
struct OutputFolderTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        try scratch.makeFolder("there")
        try scratch.write("", to: "file")
        symlink("there", scratch.path("link"))
        symlink("nowhere", scratch.path("dangling"))
    }

    @Test(arguments: ["there", "new", "new/and/deep", "link", "link/new"])
    func made(name: String) throws {
        let folder = OutputFolder(path: scratch.path(name), option: "--x")
        try folder.check()
        // A look changes nothing.
        #expect(Peer.exists(scratch.path(name)) == ["there", "link"].contains(name))
        try folder.open().write("f", [1])
        #expect(Peer.exists(scratch.path(name) + "/f"))
    }

    @Test(arguments: [
        ("file", "is not a folder"), ("file/x", "Not a directory"), ("dangling", "leads nowhere"), ("dangling/x", "leads nowhere"),
    ])
    func refused(name: String, words: String) {
        let fault = #expect(throws: Fault.self) { try OutputFolder(path: scratch.path(name), option: "--x").check() }
        #expect(fault?.message.contains(words) == true && fault?.message.hasPrefix("--x: ") == true, "\(String(describing: fault))")
    }
}
