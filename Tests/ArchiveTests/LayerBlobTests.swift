import Diagnostics
import TestSupport
import Testing

@testable import Archive

@Suite("Layer blobs are read once, and are what they should be (D-22)")
struct LayerBlobTests {
    private static let encodings: [LayerEncoding] = [.none, .standard, .zstd(level: 3)]
    private static let device = (TarHeader(path: "node", kind: .characterDevice, mode: 0o666), [UInt8]())

    /// More than is read at once, however it is compressed.
    private static let noise: [UInt8] = {
        var state: UInt64 = 1
        return (0..<700_000).map { _ in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 33)
        }
    }()

    private let scratch: ScratchDirectory
    private let target: ConfinedDirectory

    init() throws {
        scratch = try ScratchDirectory(in: "/tmp")
        target = try scratch.make("target")
    }

    /// A layer of several reads and members.
    private func layer(_ encoding: LayerEncoding, _ more: (TarHeader, [UInt8])? = nil) throws -> (facts: LayerFacts, blob: [UInt8]) {
        try scratch.layer(encoding) { writer in
            if let (header, contents) = more { try writer.append(header, contents: contents) }
            try writer.append(TarHeader(path: "f", kind: .file, mode: 0o644), contents: Self.noise)
        }
    }

    private func unpack(_ bytes: [UInt8], _ digest: Digest, _ diffID: DiffID) throws {
        try scratch.directory.write("blob", bytes)
        try LayerBlob(path: scratch.path("blob"), digest: digest, diffID: diffID).unpack(into: target, .cachedLayer(below: "", owner: nil))
    }

    private func failure(_ bytes: [UInt8], _ digest: Digest, _ diffID: DiffID) throws -> String {
        try #require(throws: Fault.self) { try unpack(bytes, digest, diffID) }.message
    }

    @Test(arguments: encodings) func whole(encoding: LayerEncoding) throws {
        let (facts, blob) = try layer(encoding)
        try unpack(blob, facts.digest, facts.diffID)
        #expect(try target.status("f")?.size == Int64(Self.noise.count))
    }

    @Test(arguments: encodings) func otherDigests(encoding: LayerEncoding) throws {
        let (facts, blob) = try layer(encoding), other = Digest.of([1])
        #expect(try failure(blob, other, facts.diffID) == "its blob \(other) has the digest \(facts.digest)")
        #expect(try failure(blob, facts.digest, DiffID(other)) == "its digest is \(facts.diffID), not \(other)")
    }

    /// An empty gzip member and a zstd frame to skip change the blob, and nothing of the layer.
    @Test(
        arguments: [
            (.standard, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            (.zstd(level: 3), [0x50, 0x2a, 0x4d, 0x18, 2, 0, 0, 0, 1, 2]),
        ] as [(LayerEncoding, [UInt8])])
    func trailingBytes(encoding: LayerEncoding, tail: [UInt8]) throws {
        let (facts, blob) = try layer(encoding), longer = blob + tail
        #expect(try failure(longer, facts.digest, facts.diffID).contains("has the digest \(Digest.of(longer))"))
        try unpack(longer, Digest.of(longer), facts.diffID)
    }

    @Test(arguments: encodings) func whatADeviceNodeSaysOfTheBlob(encoding: LayerEncoding) throws {
        let (facts, blob) = try layer(encoding, Self.device), other = Digest.of([1])
        #expect(throws: DeviceInLayer.self) { try unpack(blob, facts.digest, facts.diffID) }
        #expect(try failure(blob, other, facts.diffID).contains("has the digest"))
        #expect(try failure(blob, facts.digest, DiffID(other)).contains("its digest is"))
        #expect(throws: Fault.self) { try unpack(Array(blob.dropLast()), facts.digest, facts.diffID) }
    }
}
