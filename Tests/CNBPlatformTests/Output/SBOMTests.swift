import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import Synchronization
import TestSupport
import Testing

@testable import CNBPlatform

/// What buildpacks wrote, on its way to a folder of the caller's.
@Suite("SBOM files (C-73, D-49)")
struct SBOMTests {
    private let scratch: ScratchDirectory
    private let warnings = Log()

    final class Log: Sendable {
        let lines = Mutex<[String]>([])
        func add(_ event: PhaseEvent) {
            if case .warning(let warning) = event { lines.withLock { $0.append(warning.message) } }
        }
    }

    init() throws {
        scratch = try ScratchDirectory()
        for folder in ["out", "sbom/launch/a_b/layer", "elsewhere"] { try scratch.makeFolder(folder) }
        try scratch.write("{}", to: "sbom/launch/a_b/layer/sbom.cdx.json")
        try scratch.write("null", to: "sbom/launch/sbom.legacy.json")
    }

    private var files: SBOMFiles {
        get throws { SBOMFiles(output: try ConfinedDirectory(scratch.path("out")), events: { [warnings] in warnings.add($0) }) }
    }

    private func copy() throws -> Int { try files.copy(ConfinedDirectory(scratch.path), "sbom", to: "sbom") }

    // MARK: out of a build

    @Test func copiesFiles() throws {
        #expect(try copy() == 2)
        #expect(scratch.text("out/sbom/launch/a_b/layer/sbom.cdx.json") == "{}")
        #expect(scratch.text("out/sbom/launch/sbom.legacy.json") == "null")
        // Again, over what is there.
        try scratch.write("[]", to: "sbom/launch/sbom.legacy.json")
        #expect(try copy() == 2)
        #expect(scratch.text("out/sbom/launch/sbom.legacy.json") == "[]")
        #expect(warnings.lines.withLock { $0 }.isEmpty)
        #expect(try files.copy(ConfinedDirectory(scratch.path), "no-such", to: "sbom") == 0)
    }

    @Test func leavesOutWhatIsNoFile() throws {
        try scratch.write("secret", to: "elsewhere/secret")
        symlink(scratch.path("elsewhere/secret"), scratch.path("sbom/launch/a_b/sbom.cdx.json"))
        symlink("/etc", scratch.path("sbom/launch/etc"))
        mkfifo(scratch.path("sbom/launch/a_b/sbom.spdx.json"), 0o644)
        try scratch.write("x", to: "sbom/launch/a_b/odd\nname.json")
        #expect(try copy() == 2)
        #expect(warnings.lines.withLock { $0 }.count == 4)
        #expect(!Peer.exists(scratch.path("out/sbom/launch/a_b/sbom.cdx.json")))
        #expect(!Peer.exists(scratch.path("out/sbom/launch/etc")))
    }

    @Test func aLinkInsteadOfTheFolder() throws {
        rename(scratch.path("sbom"), scratch.path("real"))
        symlink("real", scratch.path("sbom"))
        #expect(try copy() == 0)
    }

    @Test func aHugeFileIsRefused() throws {
        truncate(scratch.path("sbom/launch/sbom.legacy.json"), off_t(SBOMFiles.sizeLimit) + 1)
        #expect(throws: ConfinementError.self) { try copy() }
        #expect(!Peer.exists(scratch.path("out/sbom/launch/sbom.legacy.json")))
    }

    /// Nothing is ever written outside, whatever links the output folder has.
    @Test(arguments: ["sbom", "sbom/launch", "sbom/launch/a_b/layer"])
    func aLinkInTheOutputFolderIsNotFollowed(place: String) throws {
        if let (parent, _) = RawPath("out/" + place).split { try scratch.makeFolder(parent.string) }
        symlink(scratch.path("elsewhere"), scratch.path("out/" + place))
        let fault = #expect(throws: Fault.self) { try copy() }
        #expect(fault?.message.contains("is not a folder") == true)
        #expect(try ConfinedDirectory(scratch.path("elsewhere")).names(".").isEmpty)
    }

    @Test func aLinkInPlaceOfAFileIsReplaced() throws {
        try scratch.makeFolder("out/sbom/launch")
        try scratch.write("mine", to: "elsewhere/file")
        symlink(scratch.path("elsewhere/file"), scratch.path("out/sbom/launch/sbom.legacy.json"))
        #expect(try copy() == 2)
        #expect(scratch.text("elsewhere/file") == "mine")
        #expect(scratch.text("out/sbom/launch/sbom.legacy.json") == "null")
    }

    // MARK: out of an image

    private typealias Entry = (header: TarHeader, text: String)

    /// An image whose label names a layer with these entries.
    private func image(_ entries: [Entry], label: ((String) -> String)? = nil) throws -> (Image, ImageStore) {
        let store = try ImageStore(at: scratch.path("store"))
        let ingest = try store.ingest()
        let writer = LayerWriter(.gzip(to: ingest.descriptor))
        for entry in entries {
            var header = entry.header
            if header.kind == .file { header.size = Int64(entry.text.utf8.count) }
            try writer.append(header, contents: Array(entry.text.utf8))
        }
        let facts = try writer.finish()
        try ingest.commit(facts)
        let sha = facts.diffID.description
        var config = ImageConfig(platform: .host)
        var metadata = LifecycleMetadata()
        metadata.sbom = LayerDigest(sha)
        config.settings.labels[LabelName.lifecycleMetadata] = try label.map { $0(sha) } ?? metadata.labelText()
        let image = try Image(config: config, blobs: store).appending([NewLayer(facts, history: History(createdBy: "sbom"))])
        return (image, store)
    }

    private func unpack(_ entries: [Entry]) throws {
        let (image, store) = try image(entries)
        let layer = try SBOMLayer(of: image, name: "app")
        try layer.unpack(blob: store.path(of: layer.layer.descriptor.digest), into: ConfinedDirectory(scratch.path("out")))
    }

    private static func file(_ path: String, _ text: String = "{}") -> Entry {
        (TarHeader(path: RawPath(path), kind: .file, mode: 0o644), text)
    }

    @Test func unpacksRegularFilesBelowTheFolder() throws {
        try unpack([
            (TarHeader(path: "/layers", kind: .directory, mode: 0o000), ""),
            (TarHeader(path: "/layers/sbom", kind: .directory, mode: 0o000), ""),
            Self.file("/layers/sbom/launch/a_b/sbom.cdx.json"), Self.file("layers/sbom/launch/sbom.legacy.json", "null"),
            Self.file("/layers/other/file"), Self.file("/etc/passwd"), Self.file("/layers/sbom"),
            (TarHeader(path: "/layers/sbom/launch/link", kind: .symbolicLink, mode: 0o777, linkTarget: "/etc"), ""),
            Self.file("/layers/sbom/launch/link/file"), Self.file("/layers/sbom/launch/odd\u{1}"),
        ])
        let out = try ConfinedDirectory(scratch.path("out"))
        #expect(try out.names(".") == ["layers"])
        #expect(try out.names("layers") == ["sbom"])
        #expect(try out.names("layers/sbom/launch") == ["a_b", "link", "sbom.legacy.json"])
        #expect(try out.status("layers/sbom/launch/link", followingLinks: false)?.kind == .directory)
        #expect(scratch.text("out/layers/sbom/launch/a_b/sbom.cdx.json") == "{}")
    }

    @Test(arguments: ["/layers/sbom/../../../escaped", "../layers/sbom/x", "layers/sbom/launch/../../x"])
    func namesThatLeaveAreNotWritten(path: String) throws {
        // The reader may refuse the layer as a whole.
        try? unpack([Self.file(path)])
        #expect(try ConfinedDirectory(scratch.path("out")).names(".").isEmpty)
        #expect(!Peer.exists(scratch.path("escaped")))
    }

    @Test func aLayerThatIsNotWhatTheImageSays() throws {
        let (image, store) = try image([Self.file("/layers/sbom/launch/sbom.legacy.json")])
        let other = try self.image([Self.file("/layers/sbom/launch/sbom.legacy.json", "[1]")]).0
        let layer = try SBOMLayer(of: image, name: "app")
        let fault = #expect(throws: Fault.self) {
            try layer.unpack(
                blob: store.path(of: other.manifest.layers[0].digest), into: ConfinedDirectory(scratch.path("out")))
        }
        #expect(fault?.message.contains("damaged") == true)
    }

    @Test(arguments: [
        (#"{"sbom":{"sha":"sha256:0000000000000000000000000000000000000000000000000000000000000000"}}"#, "does not have"),
        (#"{"sbom":{"sha":""}}"#, "has no SBOMs"), ("{}", "has no SBOMs"), ("not json", "io.buildpacks.lifecycle.metadata"),
    ])
    func labelsThatHelpNobody(label: String, words: String) throws {
        let (image, _) = try image([], label: { _ in label })
        let fault = #expect(throws: Fault.self) { try SBOMLayer(of: image, name: "app") }
        #expect(fault?.message.contains(words) == true, "\(String(describing: fault))")
    }

    @Test func anImageOfNobody() throws {
        var (image, _) = try image([])
        var config = image.config
        config.settings.labels = [:]
        image = try image.with(config: config)
        let fault = #expect(throws: Fault.self) { try SBOMLayer(of: image, name: "app") }
        #expect(fault?.message == "'app' was not built by buildpacks, so it has no SBOMs")
    }
}
