import Archive
import Diagnostics
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

/// What dpkg says of two bases, read from their layers.
struct PackageChangesTests {
    // deb-version(7)
    @Test(arguments: [
        ("1", "2"), ("1.2", "1.10"), ("1.0~rc1", "1.0"), ("1.0~~", "1.0~"), ("1.0", "1.0a"), ("1.0a", "1.0+b"), ("9", "1:0"),
        ("1.0-1", "1.0-2"),
        ("1.0-1~deb12u1", "1.0-1"), ("2.36-9+deb12u4", "2.36-9+deb12u10"), ("1.0", "1.0-1"), ("1-2-1", "1-2-2"),
        ("1.99999999999999999999", "1.100000000000000000000"),
    ])
    func versionsInOrder(older: String, newer: String) {
        #expect(DebianVersion(older) < DebianVersion(newer))
        #expect(!(DebianVersion(newer) < DebianVersion(older)))
    }

    @Test(arguments: [("1.0", "1.00"), ("0:1", "1"), ("1.0-0", "1.0"), ("007", "7")])
    func equalVersions(a: String, b: String) { #expect(DebianVersion(a) == DebianVersion(b)) }

    private static func paragraph(_ name: String, _ version: String, status: String? = "install ok installed") -> String {
        "Package: \(name)\n" + (status.map { "Status: \($0)\n" } ?? "") + "Version: \(version)\n\n"
    }

    private static func versions(_ layers: [(String, String)]..., limit: Int64 = 1 << 20) async throws -> [String: String]? {
        let scratch = try ScratchDirectory()
        let store = try ImageStore(at: scratch.path("store"))
        let new = try layers.map { files in
            let ingest = try store.ingest()
            let writer = LayerWriter(.gzip(to: ingest.descriptor))
            for (path, text) in files {
                try writer.append(TarHeader(path: RawPath(path), kind: .file, mode: 0o644), contents: Array(text.utf8))
            }
            let facts = try writer.finish()
            try ingest.commit(facts)
            return NewLayer(facts, history: History())
        }
        let image = try Image(config: ImageConfig(platform: .host), blobs: store).appending(new)
        return try await InstalledPackages.read(image.layers, blobs: store, limit: UnpackingLimit(bytes: limit))?.versions
    }

    @Test func theUppermostStatusCounts() async throws {
        let status = "var/lib/dpkg/status"
        #expect(try await Self.versions([("etc/hosts", "")]) == nil)
        #expect(
            try await Self.versions(
                [(status, Self.paragraph("a", "1"))], [("./var/lib/dpkg/status", Self.paragraph("a", "2"))], [("x", "")]) == ["a": "2"])
        #expect(
            try await Self.versions([(status, Self.paragraph("a", "1") + Self.paragraph("b", "1", status: "deinstall ok config-files"))])
                == ["a": "1"])
        // Taken away by an upper layer, in three ways.
        for whiteout in ["var/lib/dpkg/.wh.status", "var/lib/.wh.dpkg", "var/lib/dpkg/.wh..wh..opq"] {
            #expect(try await Self.versions([(status, Self.paragraph("a", "1"))], [(whiteout, "")]) == nil)
        }
        #expect(
            try await Self.versions([(status, Self.paragraph("a", "1"))], [("var/.wh.lib", ""), (status, Self.paragraph("a", "2"))]) == [
                "a": "2"
            ])
    }

    /// What is passed over counts too: a small blob can become a very large layer.
    @Test func basesThatBecomeTooLarge() async throws {
        let status = ("var/lib/dpkg/status", Self.paragraph("a", "1")), large = ("usr/large", String(repeating: "0", count: 100_000))
        #expect(try await Self.versions([status], [large], limit: 110_000) == ["a": "1"])
        await #expect {
            try await Self.versions([status], [large], [large], limit: 110_000)
        } throws: {
            $0.diagnosis == "the base becomes larger than 110000 bytes, the most that is unpacked"
        }
        // Entries without contents as well.
        await #expect(throws: Fault.self) {
            try await Self.versions([status], (0..<200).map { [("empty/\($0)", "")] }.flatMap { $0 }, limit: 100_000)
        }
        // And long names, which have headers of their own.
        await #expect(throws: Fault.self) {
            try await Self.versions([status], [("empty/" + String(repeating: "n", count: 100_000), "")], limit: 100_000)
        }
    }

    /// Images without dpkg have a file for each package.
    @Test func filesOfPackages() async throws {
        let folder = "var/lib/dpkg/status.d/"
        #expect(
            try await Self.versions(
                [
                    (folder + "a", Self.paragraph("a", "1", status: nil)), (folder + "b", Self.paragraph("b", "1", status: nil)),
                    (folder + "a.md5sums", "x"),
                ],
                [(folder + "b", Self.paragraph("b", "2", status: nil)), (folder + ".wh.c", "")]) == ["a": "1", "b": "2"])
    }
}
