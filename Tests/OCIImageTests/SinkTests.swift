import Archive
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@Suite struct SinkTests {
    private let scratch: ScratchDirectory

    init() throws { scratch = try ScratchDirectory() }

    @Test func layoutKeepsOtherTags() async throws {
        let store = try scratch.store()
        let one = try sampleImage(in: store, contents: ["base", "one"]), two = try sampleImage(in: store, contents: ["base", "two"])
        try await one.write(toLayout: scratch("out"), tag: "one")
        try await two.write(toLayout: scratch("out"), tag: "two")
        try await two.write(toLayout: scratch("out"), tag: nil)
        try await one.write(toLayout: scratch("out"), tag: nil)
        #expect(readFile(scratch("out/oci-layout")) == Array(#"{"imageLayoutVersion":"1.0.0"}"#.utf8))
        #expect(names(in: scratch("out")) == ["blobs", "index.json", "oci-layout"])
        let source = try LayoutSource(at: scratch("out"))
        #expect(try source.image(tag: "one").digest == one.digest)
        #expect(try source.image(tag: "two").digest == two.digest)
        #expect(throws: Fault.self) { try source.image(tag: "three") }
        #expect(throws: Fault.self) { try source.image(tag: nil) }
        let layer = one.manifest.layers[1]
        #expect(try await readFile(source.blob(layer)) == readFile(store.path(of: layer.digest)))
        writeFile(scratch("out/blobs/sha256/\(layer.digest.hex)"), [UInt8](repeating: 0, count: Int(layer.size)))
        await #expect(throws: Fault.self) { try await source.blob(layer) }
    }

    @Test(.timeLimit(.minutes(1)), arguments: [false, true])
    func writersWaitForReaders(isCancelled: Bool) async throws {
        let store = try scratch.store(), path = scratch("own")
        let one = try sampleImage(in: store, contents: ["one"]), two = try sampleImage(in: store, contents: ["two"])
        try await one.write(toOwnLayout: path, tag: "cache") { Issue.record("nobody is there") }
        let reader = try #require(try await LayoutLock(path, .shared) { Issue.record("nobody is there") })
        let (waiting, told) = AsyncStream.makeStream(of: Void.self)
        let writer = Task {
            try await two.write(toOwnLayout: path, tag: "cache") { told.yield() }
            told.finish()
        }
        var times = waiting.makeAsyncIterator()
        try #require(await times.next() != nil)
        #expect(try LayoutSource(at: path).image(tag: "cache").digest == one.digest)
        if isCancelled {
            writer.cancel()
            await #expect(throws: CancellationError.self) { try await writer.value }
            reader.release()
        } else {
            reader.release()
            try await writer.value
            // Once.
            #expect(await times.next() == nil)
        }
        #expect(try LayoutSource(at: path).image(tag: "cache").digest == (isCancelled ? one : two).digest)
    }

    @Test func layoutDirectoryMustFit() async throws {
        let image = try sampleImage(in: scratch.store())
        mkdir(scratch("other"), 0o755)
        writeFile(scratch("other/precious"), "x")
        let fault = await #expect(throws: Fault.self) { try await image.write(toLayout: scratch("other"), tag: nil) }
        #expect(fault?.message.contains("'precious'") == true)
        #expect(names(in: scratch("other")) == ["precious"])
        await #expect(throws: Fault.self) { try await image.write(toLayout: scratch("other/precious"), tag: nil) }
        mkdir(scratch("new"), 0o755)
        writeFile(scratch("new/oci-layout"), #"{"imageLayoutVersion":"2.0.0"}"#)
        await #expect(throws: Fault.self) { try await image.write(toLayout: scratch("new"), tag: nil) }
        #expect(throws: Fault.self) { try LayoutSource(at: scratch("other")) }
    }

    @Test func archivesHaveEqualBytes() async throws {
        let one = try sampleImage(in: scratch.store("one")), two = try sampleImage(in: scratch.store("two"))
        try await one.write(toOCIArchive: scratch("1.oci"), tag: "x")
        try await two.write(toOCIArchive: scratch("2.oci"), tag: "x")
        try await one.write(toDockerArchive: scratch("1.docker"), [ref("app"), ref("ghcr.io/o/r:1")])
        try await two.write(toDockerArchive: scratch("2.docker"), [ref("app"), ref("ghcr.io/o/r:1")])
        #expect(readFile(scratch("1.oci")) == readFile(scratch("2.oci")))
        #expect(readFile(scratch("1.docker")) == readFile(scratch("2.docker")))
        #expect(names(in: scratch.path).filter { $0.hasPrefix(".") }.isEmpty)
    }

    /// The tar is read with this package's own reader: names, and that each layer's content has its diffID.
    @Test func dockerArchiveContent() async throws {
        let store = try scratch.store()
        // The same layer twice is written once.
        let image = try sampleImage(in: store, contents: ["a", "b", "a"])
        try await image.write(toDockerArchive: scratch("x.tar"), [ref("app")])
        let file = open(scratch("x.tar"), O_RDONLY)
        defer { close(file) }
        let reader = try LayerReader(descriptor: file)
        var names: [String] = []
        while let header = try reader.next() {
            let hash = SHA256()
            var contents: [UInt8] = []
            try reader.readContents { piece in
                hash.update(piece)
                contents += piece
            }
            names.append(header.path.string)
            #expect(header.modified == layerTimestamp && header.mode == 0o644 && header.owner == .root)
            if header.path.string == "manifest.json" {
                let layers = image.config.diffIDs.map { "\"\($0.digest.hex).tar\"" }.joined(separator: ",")
                #expect(
                    String(decoding: contents, as: UTF8.self)
                        == #"[{"Config":"\#(image.manifest.config.digest.hex).json","Layers":[\#(layers)],"RepoTags":["app:latest"]}]"#)
            } else {
                #expect(header.path.string.hasPrefix(hash.finish().hex))
            }
        }
        #expect(
            names == ["manifest.json", "\(image.manifest.config.digest.hex).json"]
                + image.config.diffIDs.prefix(2).map { "\($0.digest.hex).tar" })
    }

    @Test func aLyingDiffIDIsNoticed() async throws {
        let store = try scratch.store()
        let image = try sampleImage(in: store, contents: ["a"])
        var config = image.config
        config.diffIDs[0] = DiffID(.of([]))
        let lying = try image.with(config: config)
        let fault = await #expect(throws: Fault.self) { try await lying.write(toDockerArchive: scratch("x.tar"), []) }
        #expect(fault?.message.contains("other content") == true)
        #expect(names(in: scratch.path) == ["images"])
    }

    @Test func outputFiles() async throws {
        let image = try sampleImage(in: scratch.store())
        let missing = await #expect(throws: Fault.self) { try await image.write(toOCIArchive: scratch("no/x"), tag: nil) }
        #expect(missing?.hint?.contains("mkdir") == true)
        await #expect(throws: Fault.self) { try await image.write(toOCIArchive: "/dev/null", tag: nil) }
        await #expect(throws: Fault.self) { try await image.write(toOCIArchive: scratch.path, tag: nil) }
        await #expect(throws: Fault.self) { try await image.write(toOCIArchive: "", tag: nil) }
        // A link stays a link; what it leads to is replaced. What a killed run left goes.
        writeFile(scratch("real"), "old")
        writeFile(scratch(".tote-left"), "rubbish")
        symlink("real", scratch("link"))
        try await image.write(toOCIArchive: scratch("link"), tag: nil)
        #expect(readFile(scratch("real")).map { $0.count > 1000 } == true)
        #expect(names(in: scratch.path) == ["images", "link", "real"])
    }
}
