import Archive
import CNBSpec
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

/// Files that buildpacks come in.
@Suite struct ModuleArchiveTests {
    private func unpack(_ name: String, in scratch: ScratchDirectory, limit: Int64 = 1 << 30) throws -> ModuleArchive.Contents {
        let folder = scratch.path("out-\(name)")
        mkdir(folder, 0o700)
        return try ModuleArchive(file: scratch.path(name), shown: "bp", limit: UnpackingLimit(bytes: limit, hint: "raise it")).unpack(
            into: folder, .buildpack)
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

    /// Writes a tar that no tar program makes.
    private func hostile(_ headers: [TarHeader], to name: String, in scratch: ScratchDirectory) throws {
        let file = open(scratch.path(name), O_RDWR | O_CREAT, 0o600)
        defer { close(file) }
        let layer = LayerWriter(.gzip(to: file))
        try layer.append(TarHeader(path: "buildpack.toml", kind: .file, mode: 0o644), contents: Array("api".utf8))
        for header in headers { try layer.append(header, contents: Array("mine".utf8)) }
        _ = try layer.finish()
    }

    /// Headers count too: a long name has one of its own.
    @Test func headersThatBecomeTooLarge() throws {
        let scratch = try ScratchDirectory()
        try hostile([TarHeader(path: RawPath(String(repeating: "n", count: 100_000)), kind: .fifo, mode: 0o644)], to: "x", in: scratch)
        let fault = #expect(throws: Fault.self) { try unpack("x", in: scratch, limit: 100_000) }
        #expect(fault?.message.contains("becomes larger than 100000 bytes") == true, "\(fault?.message ?? "")")
    }

    /// Refused, with nothing written outside.
    @Test(
        arguments: [
            ([TarHeader(path: "../file", kind: .file, mode: 0o644)], "would leave its directory"),
            ([TarHeader(path: "a/../../file", kind: .file, mode: 0o644)], "would leave its directory"),
            (
                [
                    TarHeader(path: "up", kind: .symbolicLink, mode: 0o777, linkTarget: ".."),
                    TarHeader(path: "up/file", kind: .file, mode: 0o644),
                ], ""
            ),
            ([TarHeader(path: "secret", kind: .hardLink, mode: 0o644, linkTarget: "../secret")], "would leave its directory"),
            ([TarHeader(path: "secret", kind: .hardLink, mode: 0o644, linkTarget: "/etc/passwd")], "which is not in it"),
            ([TarHeader(path: ".wh.buildpack.toml", kind: .file, mode: 0o644)], "removes files of layers below it"),
        ] as [([TarHeader], String)])
    func hostileTars(headers: [TarHeader], message: String) throws {
        let scratch = try ScratchDirectory()
        try scratch.write("theirs", to: "secret")
        try hostile(headers, to: "x", in: scratch)
        do {
            _ = try unpack("x", in: scratch)
            // A link to the folder above leads to the top of the archive itself.
            #expect(message.isEmpty && scratch.text("out-x/file") == "mine")
        } catch {
            #expect("\(error)".contains(message) && !message.isEmpty, "\(error)")
        }
        #expect(access(scratch.path("file"), F_OK) != 0)
        #expect(scratch.text("secret") == "theirs")
    }

    /// Absolute names are names in the archive; devices are left out.
    @Test func harmlessOddities() throws {
        let scratch = try ScratchDirectory()
        try hostile(
            [
                TarHeader(path: "/etc/file", kind: .file, mode: 0o644),
                TarHeader(path: "null", kind: .characterDevice, mode: 0o666, deviceMajor: 1, deviceMinor: 3),
                TarHeader(path: "disk", kind: .blockDevice, mode: 0o666, deviceMajor: 8),
            ], to: "x", in: scratch)
        #expect(try unpack("x", in: scratch) == .module(scratch.path("out-x")))
        #expect(scratch.text("out-x/etc/file") == "mine")
        for name in ["null", "disk"] { #expect(access(scratch.path("out-x/\(name)"), F_OK) != 0) }
    }

    @Test func bombs() async throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("bp/zeros", String(repeating: "0", count: 1 << 20))
        try await tar("-czf", "x", "-C", "bp", ".", in: scratch)
        let fault = #expect(throws: Fault.self) { try unpack("x", in: scratch, limit: 100_000) }
        #expect(fault?.message == "unpacking 'bp': the archive becomes larger than 100000 bytes, the most that is unpacked")
        #expect(fault?.hint == "raise it")
        #expect(access(scratch.path("out-x/zeros"), F_OK) != 0)
        // So do many files with nothing in them.
        for number in 0..<300 { try scratch.makeFile("many/\(number)", "") }
        try await tar("-czf", "y", "-C", "many", ".", in: scratch)
        #expect(throws: Fault.self) { try unpack("y", in: scratch, limit: 100_000) }
    }
}
