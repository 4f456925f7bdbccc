import Archive
import CNBLifecycle
import Diagnostics
import OCIImage
import TestSupport
import Testing

@Suite("Layer contents (D-41 to D-49)")
struct LayerContentsTests {
    static func diffID(_ root: TestRoot, _ contents: LayerContents, owner: Ownership = Ownership(user: 1000, group: 1000)) throws -> String
    {
        let writer = LayerWriter(.hashOnly)
        try LayerContentsWriter(root: root.root, owner: owner).write(contents, to: writer)
        return try writer.finish().diffID.description
    }

    static func entries(_ root: TestRoot, _ contents: LayerContents) throws -> [TarHeader] {
        let ingest = try root.store.ingest()
        let writer = LayerWriter(.gzip(to: ingest.descriptor))
        try LayerContentsWriter(root: root.root, owner: Ownership(user: 1000, group: 1000)).write(contents, to: writer)
        let facts = try writer.finish()
        try ingest.commit(facts)
        return try root.entries(of: root.store.path(of: facts.digest))
    }

    @Test("D-47: process types, as measured")
    func processTypes() throws {
        let root = try TestRoot()
        #expect(
            try Self.diffID(root, .processTypes(["web", "worker"]))
                == "sha256:c32b6c6d08c5d84a980a518d1dd9093c22b9e003f2b6b468f12fe1e7cd918b3f")
    }

    @Test("D-46: the launcher belongs to root and is executable, whatever its mode on the host", arguments: [UInt32(0o644), 0o700])
    func launcher(_ mode: UInt32) throws {
        let root = try TestRoot()
        try root.scratch.makeFile("launcher", "launcher", mode: mode)
        let entries = try Self.entries(root, .launcher(hostPath: root.scratch.path("launcher")))
        #expect(entries.map { $0.path.string } == ["/cnb", "/cnb/lifecycle", "/cnb/lifecycle/launcher"])
        #expect(entries.allSatisfy { $0.owner == .root && $0.mode == 0o755 && $0.modified == layerTimestamp })
        #expect(entries.last?.size == 8)
    }

    @Test("D-50: an empty layer is two empty blocks, as measured")
    func emptySlice() throws {
        let root = try TestRoot()
        #expect(
            try Self.diffID(root, .app(path: "/workspace", entries: []))
                == "sha256:5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef")
    }

    @Test("D-42 to D-45: parents first, the owner forced, modes kept, links literal, sockets left out")
    func directory() throws {
        let root = try TestRoot()
        try root.write("/layers/kit_a/l/b", "1", mode: 0o4755)
        try root.write("/layers/kit_a/l/a/x", "22", mode: 0o600)
        try root.link("/layers/kit_a/l/link", to: "/etc/passwd")
        try root.makeFIFO("/layers/kit_a/l/pipe")
        try root.makeSocket("/layers/kit_a/l/sock")
        let entries = try Self.entries(root, .directory(path: "/layers/kit_a/l"))
        #expect(
            entries.map { $0.path.string } == [
                "/layers", "/layers/kit_a", "/layers/kit_a/l", "/layers/kit_a/l/a", "/layers/kit_a/l/a/x", "/layers/kit_a/l/b",
                "/layers/kit_a/l/link", "/layers/kit_a/l/pipe",
            ])
        #expect(entries.allSatisfy { $0.owner == Ownership(user: 1000, group: 1000) && $0.modified == layerTimestamp })
        #expect(entries[5].mode == 0o4755 && entries[4].mode == 0o600)
        #expect(entries[6].linkTarget == "/etc/passwd")
        #expect(entries[7].kind == .fifo)
    }

    @Test("D-42: a buildpack that changes the mode of its parents does not change the layer")
    func parentModes() throws {
        let root = try TestRoot()
        try root.write("/layers/kit_a/l/f", "1")
        let before = try Self.diffID(root, .directory(path: "/layers/kit_a/l"))
        try root.setMode("/layers/kit_a", 0o700)
        #expect(try Self.diffID(root, .directory(path: "/layers/kit_a/l")) == before)
    }

    @Test("An app's entries are written one by one: a folder's files only when they are listed")
    func appEntries() throws {
        let root = try TestRoot()
        try root.write("/workspace/a/x", "1")
        try root.write("/workspace/a/y", "2")
        let entries = try Self.entries(root, .app(path: "/workspace", entries: ["", "a", "a/y"]))
        #expect(entries.map { $0.path.string } == ["/workspace", "/workspace/a", "/workspace/a/y"])
    }

    @Test("A folder that is missing is an error that names it")
    func missing() throws {
        let root = try TestRoot()
        let error = try #require(throws: ConfinementError.self) { try Self.diffID(root, .directory(path: "/layers/none")) }
        #expect(error.message.hasSuffix("/layers/none' does not exist"))
    }
}
