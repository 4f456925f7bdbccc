import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

@Suite("Folders for authors of buildpacks") struct AuthoringTests {
    private func request(
        _ id: String = "acme/hello", version: String = "1.0.0", api: String = "0.10", targets: [String] = [], stacks: [String] = [],
        kind: ModuleKind = .buildpack
    ) throws -> ModuleRequest {
        try ModuleRequest(id: id, version: version, api: api, targets: targets, stacks: stacks, kind: kind)
    }

    private func descriptor(_ files: ModuleFiles) throws -> BuildpackDescriptor {
        let text = try #require(files.files.first { $0.path == "buildpack.toml" }).text
        return try BuildpackDescriptor(reading: DocumentSource(file: "buildpack.toml", text: text))
    }

    @Test func aNewBuildpackIsForThisMachine() throws {
        let files = BuildpackScaffold(try request()).files
        #expect(files.files.map(\.path).sorted() == ["README.md", "bin/build", "bin/detect", "buildpack.toml", "package.toml"])
        #expect(files.files.filter { $0.mode == 0o755 }.map(\.path) == ["bin/detect", "bin/build"])
        let descriptor = try descriptor(files)
        #expect(descriptor.info.reference.description == "acme/hello@1.0.0")
        #expect(descriptor.info.api == APIVersion(0, 10))
        #expect(descriptor.targets.map(\.os) == ["linux"])
        #expect(descriptor.targets.map(\.arch) == [Platform.host.architecture])
        #expect(descriptor.stacks.isEmpty)
    }

    @Test func itsTargetsAndStacksAreThoseAskedFor() throws {
        let targeted = try descriptor(BuildpackScaffold(try request(targets: ["linux/arm/v7:ubuntu@22.04@24.04;debian"])).files)
        #expect(
            targeted.targets == [
                Target(
                    os: "linux", arch: "arm", variant: "v7",
                    distros: [
                        Distro(name: "ubuntu", version: "22.04"), Distro(name: "ubuntu", version: "24.04"),
                        Distro(name: "debian", version: ""),
                    ])
            ])
        let stacked = try descriptor(BuildpackScaffold(try request(stacks: ["a.stack"])).files)
        #expect(stacked.stacks.map(\.id) == ["a.stack"])
        #expect(stacked.targets.isEmpty)
        // Before targets, every stack.
        #expect(try descriptor(BuildpackScaffold(try request(api: "0.8")).files).stacks.map(\.id) == ["*"])
    }

    @Test func aNewExtensionIsOne() throws {
        let files = ExtensionScaffold(try request(kind: .extension)).files
        #expect(files.files.map(\.path).sorted() == ["README.md", "bin/detect", "bin/generate", "extension.toml"])
        let text = try #require(files.files.first { $0.path == "extension.toml" }).text
        let descriptor = try ExtensionDescriptor(reading: DocumentSource(file: "extension.toml", text: text))
        #expect(descriptor.info.reference.description == "acme/hello@1.0.0")
    }

    struct Mistake: Sendable, CustomTestStringConvertible {
        var id = "acme/hello"
        var version = "1.0.0"
        var api = "0.10"
        var targets: [String] = []
        var kind = ModuleKind.buildpack
        var status: Int32 = 1
        var message: String
        var testDescription: String { message }
    }

    static let mistakes = [
        Mistake(id: "acme hello", message: "acme hello"),
        Mistake(id: "app", message: "app"),
        Mistake(version: "", message: "version"),
        Mistake(version: "../1", message: "../1"),
        Mistake(api: "new", message: "'new' is not a version of the Buildpack API"),
        Mistake(api: "0.2", status: 12, message: "0.2"),
        Mistake(api: "0.8", targets: ["linux"], message: "targets need Buildpack API 0.10"),
        Mistake(api: "0.8", kind: .extension, message: "extensions need Buildpack API 0.9"),
        Mistake(targets: ["linux/a/b/c"], message: "target 'linux/a/b/c': there are more than three parts"),
        Mistake(targets: ["linux//v1"], message: "target 'linux//v1': a part is missing"),
        Mistake(targets: [""], message: "target '': a part is missing"),
        Mistake(targets: ["linux:"], message: "a distribution has no valid name or version"),
        Mistake(targets: ["linux:ubuntu@"], message: "a distribution has no valid name or version"),
    ]

    @Test(arguments: mistakes)
    func isRefused(_ mistake: Mistake) throws {
        let fault = #expect(throws: Fault.self) {
            try request(mistake.id, version: mistake.version, api: mistake.api, targets: mistake.targets, kind: mistake.kind)
        }
        #expect(fault?.message.contains(mistake.message) == true, "\(fault?.message ?? "")")
        #expect(fault?.exitCode == mistake.status)
    }

    @Test func aFolderAppearsWholeOrNotAtAll() throws {
        let scratch = try ScratchDirectory()
        let files = ModuleFiles([.init("a", "1"), .init("bin/b", mode: 0o755, "2")])
        try files.write(to: scratch.path("new"), shown: "new")
        #expect(scratch.tree("new") == ["a", "bin", "bin/b"])
        #expect(try #require(scratch.status("new")).st_mode & 0o7777 == 0o755)
        #expect(try #require(scratch.status("new/bin/b")).st_mode & 0o7777 == 0o755)
        #expect(try #require(scratch.status("new/a")).st_mode & 0o7777 == 0o644)
        // What is there stays as it is.
        try scratch.makeFile("file")
        try scratch.makeFolder("empty")
        try scratch.check(symlink("nowhere", scratch.path("link")), "link")
        let before = scratch.tree("")
        for name in ["new", "file", "link", "empty"] {
            #expect(throws: Fault.self, "\(name)") { try files.write(to: scratch.path(name), shown: name) }
        }
        for name in ["new", "file", "link", "missing/new", "", "..", "file/new"] {
            #expect(throws: Fault.self, "\(name)") { try files.write(to: scratch.path(name), shown: name, replacingEmptyFolder: true) }
        }
        #expect(scratch.tree("") == before)
        try files.write(to: scratch.path("empty"), shown: "empty", replacingEmptyFolder: true)
        #expect(scratch.tree("empty") == ["a", "bin", "bin/b"])
        // A failure half-way leaves nothing.
        let broken = ModuleFiles([.init("a", "1"), .init("a/b", "2")])
        let kept = scratch.tree("")
        #expect(throws: Fault.self) { try broken.write(to: scratch.path("broken"), shown: "broken") }
        #expect(scratch.tree("") == kept)
    }
}
