import CNBSpec
import Diagnostics
import TOML
import Testing

@testable import CNBPlatform

@Suite struct InlineBuildpackTests {
    private func entry(
        id: String? = "me/inline", version: String? = nil, uri: String? = nil, api: String? = "0.10", inline: String? = "echo hi",
        shell: String? = nil
    ) -> BuildpackEntry {
        var entry = BuildpackEntry(
            id: id, version: version, uri: uri, script: BuildpackEntry.Script(api: api, inline: inline, shell: shell))
        entry.location = SourceLocation(file: "project.toml", line: 3, column: 1)
        entry.script?.apiLocation = SourceLocation(file: "project.toml", line: 5, column: 1)
        entry.script?.shellLocation = SourceLocation(file: "project.toml", line: 6, column: 1)
        return entry
    }

    private func text(_ path: String, _ files: [InlineBuildpack.File]) -> String? {
        files.first { $0.path == path }.map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    //
    @Test func writesTheFiles() throws {
        let buildpack = try #require(try InlineBuildpack(entry()))
        let files = buildpack.files(stackID: "org.stack")
        #expect(files.map(\.path) == ["buildpack.toml", "bin/build", "bin/detect"])
        #expect(files.map(\.mode) == [0o644, 0o755, 0o755])
        #expect(text("bin/build", files) == "#!/bin/sh\n\necho hi\n")
        #expect(text("bin/detect", files) == "#!/bin/sh\n\nexit 0\n")
        let bytes = try #require(files.first).bytes
        let descriptor = try BuildpackDescriptor(reading: DocumentSource(file: "buildpack.toml", bytes: bytes))
        #expect(descriptor == buildpack.descriptor(stackID: "org.stack"))
        #expect(descriptor.reference.description == "me/inline@0.0.0")
        #expect(descriptor.stacks.map(\.id) == ["org.stack"])
        #expect(descriptor.targets.isEmpty)
        //
        #expect(descriptor.effectiveTargets(hasBuildExecutable: true).map(\.os) == ["linux"])
        #expect(try TOMLTable.parse(bytes)["api"] == .string("0.10"))
    }

    @Test func aBuilderWithoutStackLeavesItEmpty() throws {
        let bytes = try #require(try InlineBuildpack(entry())?.files(stackID: "").first).bytes
        #expect(try BuildpackDescriptor(reading: DocumentSource(file: "buildpack.toml", bytes: bytes)).stacks.map(\.id) == [""])
    }

    //
    @Test(arguments: [
        (nil, "set -e\n", "#!/bin/sh\n\nset -e\n\n"), ("/bin/bash", "a", "#!/bin/bash\n\na\n"),
        ("/usr/bin/env python3", "print()", "#!/usr/bin/env python3\n\nprint()\n"),
        (nil, "#!/usr/bin/env python3\necho", "#!/bin/sh\n\n#!/usr/bin/env python3\necho\n"),
        ("/bin/bash -e", "a", "#!/bin/bash -e\n\na\n"),
    ])
    func buildScript(_ shell: String?, _ inline: String, _ expected: String) throws {
        let files = try #require(try InlineBuildpack(entry(inline: inline, shell: shell))).files(stackID: "")
        #expect(text("bin/build", files) == expected)
        //
        #expect(text("bin/detect", files) == "#!/bin/sh\n\nexit 0\n")
    }

    //
    @Test func othersAreNotInline() throws {
        #expect(try InlineBuildpack(entry(uri: "x")) == nil)
        #expect(try InlineBuildpack(entry(inline: nil)) == nil)
        #expect(try InlineBuildpack(BuildpackEntry(id: "a")) == nil)
        #expect(try InlineBuildpack(entry(version: "3.2.1"))?.reference.version.text == "3.2.1")
    }

    //
    @Test func anAPIIsNeeded() throws {
        let fault = #expect(throws: Fault.self) { try InlineBuildpack(entry(api: nil)) }
        #expect(fault?.message == "Missing API version for inline buildpack")
        #expect(fault?.hint?.contains("0.12") == true)
        #expect(fault?.exitCode == 1)
    }

    // V-6
    @Test(arguments: ["0.6", "0.13", "1.0", "x", "0.10.1"]) func anUnsupportedAPIHasStatus12(_ api: String) throws {
        let fault = #expect(throws: Fault.self) { try InlineBuildpack(entry(api: api)) }
        #expect(fault?.exitCode == 12)
        #expect(fault?.hint == "supported are 0.7, 0.8, 0.9, 0.10, 0.11, 0.12")
        #expect(fault?.location?.line == 5)
    }

    //
    @Test(arguments: [
        ("bash -e", "/bin/bash -e"), ("python3", "/usr/bin/env python3"), ("python3 -u", "/usr/bin/env -S python3 -u"),
        ("bin/bash", "/bin/bash"), (" ", "/bin/sh"),
    ])
    func shellsAreAbsolute(_ shell: String, _ suggested: String) throws {
        let fault = #expect(throws: Fault.self) { try InlineBuildpack(entry(shell: shell)) }
        #expect(fault?.hint?.hasSuffix("shell = \"\(suggested)\"") == true)
        #expect(fault?.location?.line == 6)
    }

    @Test(arguments: ["/bin/sh\necho", "/" + String(repeating: "x", count: 300), "/bin/sh\0"]) func shellsAreOneLine(_ shell: String) {
        #expect(throws: Fault.self) { try InlineBuildpack(entry(shell: shell)) }
    }

    @Test(arguments: ["..", "a b", "config", "a\nb", "ü"]) func idsNameFolders(_ id: String) throws {
        let fault = #expect(throws: Fault.self) { try InlineBuildpack(entry(id: id)) }
        #expect(fault?.location?.line == 3)
    }

    @Test(arguments: ["..", "a/b", "1\n"]) func versionsNameFolders(_ version: String) {
        #expect(throws: Fault.self) { try InlineBuildpack(entry(version: version)) }
    }
}
