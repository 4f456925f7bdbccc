import CNBSpec
import Diagnostics
import Testing

@testable import CNBPlatform

@Suite struct BuildpackEjectionTests {
    private func inline(_ id: String, version: String? = nil, api: String = "0.10", shell: String? = nil, _ text: String = "true")
        -> BuildpackEntry
    {
        BuildpackEntry(id: id, version: version, script: .init(api: api, inline: text, shell: shell))
    }

    private func descriptor(
        _ group: BuildpackEntry..., pre: [BuildpackEntry] = [], post: [BuildpackEntry] = []
    ) -> ProjectDescriptor {
        var descriptor = ProjectDescriptor(schema: .v0_2, directory: "/app")
        (descriptor.group, descriptor.pre, descriptor.post) = (group, pre, post)
        return descriptor
    }

    // the scripts are the inline buildpack's, byte for byte.
    @Test(arguments: ["0.7", "0.8", "0.9", "0.10", "0.12"])
    func keepsTheScripts(api: String) throws {
        let descriptor = descriptor(inline("acme/x", version: "2.1.0", api: api, shell: "/bin/bash -e", "echo \"$1\"\n\ntrue"))
        let ejection = try BuildpackEjection(nil, from: descriptor)
        let files = ejection.files.files
        #expect(files.map(\.path).sorted() == ["README.md", "bin/build", "bin/detect", "buildpack.toml", "package.toml"])
        for file in ejection.buildpack.files(stackID: "any") where file.path.hasPrefix("bin/") {
            let ejected = try #require(files.first { $0.path == file.path })
            #expect(Array(ejected.text.utf8) == file.bytes)
            #expect(ejected.mode == file.mode)
        }
        let text = try #require(files.first { $0.path == "buildpack.toml" }).text
        let read = try BuildpackDescriptor(reading: DocumentSource(file: "buildpack.toml", text: text))
        #expect(read.info == ejection.buildpack.descriptor(stackID: "any").info)
        // what it runs on is what the inline one runs on.
        let base = BaseTarget(os: "linux", arch: "arm64", variant: "", labels: [:])
        #expect(read.effectiveTargets(hasBuildExecutable: true).contains { $0.matches(base) })
    }

    @Test func findsTheOneThatIsMeant() throws {
        let many = descriptor(
            inline("a"), BuildpackEntry(id: "other", version: "1"), inline("b", version: "1.0.0", "first"),
            inline("b", version: "1.0.0", "last"),
            pre: [inline("c", version: "1")], post: [inline("c", version: "2"), BuildpackEntry(uri: "./x")])
        #expect(try BuildpackEjection("a", from: many).buildpack.reference.description == "a@0.0.0")
        //
        #expect(try BuildpackEjection("b", from: many).buildpack.script == "last")
        #expect(try BuildpackEjection("c@2", from: many).buildpack.reference.version.text == "2")
    }

    @Test func saysWhatThereIs() throws {
        let many = descriptor(inline("a"), inline("c", version: "1"), inline("c", version: "2"), BuildpackEntry(id: "other", version: "1"))
        func fault(_ name: String?, _ descriptor: ProjectDescriptor) throws -> Fault {
            try #require(throws: Fault.self) { try BuildpackEjection(name, from: descriptor) }
        }
        let several = try fault(nil, many)
        #expect(several.message == "the project descriptor has several inline buildpacks")
        #expect(several.hint == "say which, such as 'tote buildpack eject a'; it has 'a@0.0.0', 'c@1', 'c@2'")
        #expect(try fault("c", many).hint == "say which, such as 'tote buildpack eject c@1'; it has 'c@1', 'c@2'")
        let missing = try fault("other", many)
        #expect(missing.message == "the project descriptor has no inline buildpack 'other'")
        #expect(missing.hint == "it has 'a@0.0.0', 'c@1', 'c@2'")
        #expect(try fault(nil, descriptor()).message == "the project descriptor has no inline buildpack")
        #expect(try fault("x", descriptor(BuildpackEntry(id: "x"))).message == "the project descriptor has no inline buildpack")
        #expect(throws: Fault.self) { try BuildpackEjection(nil, from: descriptor(inline("a", shell: "bash"))) }
    }
}
