import CNBSpec
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

/// Files that buildpacks come in.
@Suite struct ModuleArchiveTests {
    private func unpack(_ name: String, in scratch: ScratchDirectory) throws -> ModuleArchive.Contents {
        let folder = scratch.path("out-\(name)")
        mkdir(folder, 0o700)
        return try ModuleArchive(file: scratch.path(name), shown: "bp").unpack(into: folder, .buildpack)
    }

    private func tar(_ arguments: String..., in scratch: ScratchDirectory) async throws {
        let result = try await Program(["tar"] + arguments, directory: scratch.path).run()
        guard result.succeeded else { throw TestSetupError("\(result)") }
    }

    /// The name says nothing.
    @Test(arguments: ["-cf", "-czf"]) func tars(flags: String) async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("bp/buildpack.toml", "api = \"0.10\"")
        try await tar(flags, "x.zip", "-C", "bp", ".", in: scratch)
        #expect(try unpack("x.zip", in: scratch) == .module(scratch.path("out-x.zip")))
        // As archives of source repositories are.
        try await tar(flags, "y", "bp", in: scratch)
        #expect(try unpack("y", in: scratch) == .module(scratch.path("out-y") + "/bp"))
    }

    @Test func aLayout() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("l/oci-layout", "{}")
        try await tar("-cf", "x", "-C", "l", ".", in: scratch)
        #expect(try unpack("x", in: scratch) == .package(scratch.path("out-x")))
    }

    @Test(arguments: [
        ("\n <!DOCTYPE html><html>", "is a web page, not an archive"), ("<HTML>", "is a web page"), ("PK\u{3}\u{4}rest", "is a zip file"),
        ("", "is empty"), ("just text", "unpacking 'bp'"),
    ])
    func otherFiles(text: String, message: String) throws {
        let scratch = try ScratchDirectory()
        try scratch.write(text, to: "x")
        let fault = #expect(throws: Fault.self) { try unpack("x", in: scratch) }
        #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
    }

    @Test func nothingOfUse() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("bp/readme", "x")
        try scratch.makeFile("bp/extension.toml", "x")
        try await tar("-cf", "x", "-C", "bp", ".", in: scratch)
        let fault = #expect(throws: Fault.self) { try unpack("x", in: scratch) }
        #expect(fault?.message == "'bp' holds no buildpack: it has neither buildpack.toml nor an OCI layout")
        #expect(fault?.hint == "it has 'extension.toml', 'readme'")
    }

    /// No path leads out, and no folder of the archive is a link to somewhere else.
    @Test(arguments: [("--transform=s,^bp,../bp,", "would leave its directory")]) func escapes(flag: String, message: String) async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("bp/buildpack.toml", "x")
        try await tar("-cPf", "x", flag, "bp", in: scratch)
        #expect(#expect(throws: Fault.self) { try unpack("x", in: scratch) }?.message.contains(message) == true)
    }

    @Test func aLinkInPlaceOfTheOnlyFolder() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("elsewhere/buildpack.toml", "x")
        symlink(scratch.path("elsewhere"), scratch.path("bp"))
        try await tar("-cf", "x", "bp", in: scratch)
        #expect(throws: Fault.self) { try unpack("x", in: scratch) }
    }
}
