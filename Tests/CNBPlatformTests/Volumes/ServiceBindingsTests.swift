import Archive
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

@Suite("Service bindings in the platform folder (J)")
struct ServiceBindingsTests {
    private let scratch: ScratchDirectory

    init() throws {
        scratch = try ScratchDirectory()
        for folder in ["platform", "db", "db/sub", "db/..data"] { try scratch.makeFolder(folder) }
        try scratch.write("postgresql", to: "db/type")
        try scratch.write("deep", to: "db/sub/key")
        try scratch.write("secret", to: "db/..data/password")
        symlink("..data/password", scratch.path("db/password"))
    }

    private func copy(_ volumes: String...) throws {
        var bindings = ServiceBindings(in: try ConfinedDirectory(scratch.path("platform")))
        for volume in volumes {
            try bindings.copy(Volume(parsing: volume, relativeTo: scratch.path, access: .readOnly))
        }
    }

    @Test func filesOfAFolder() throws {
        chmod(scratch.path("db/type"), 0o600)
        try copy("db:/platform/bindings/my-db")
        let platform = try ConfinedDirectory(scratch.path("platform"))
        #expect(scratch.text("platform/bindings/my-db/type") == "postgresql")
        // Links as Kubernetes makes them give files.
        #expect(scratch.text("platform/bindings/my-db/password") == "secret")
        #expect(scratch.text("platform/bindings/my-db/sub/key") == "deep")
        #expect(try platform.status("bindings/my-db/password", followingLinks: false)?.kind == .file)
        #expect(try platform.status("bindings/my-db/type")?.mode == 0o644)
        #expect(try platform.status("bindings/my-db/..data") == nil)
    }

    @Test func aFolderOfBindingsAndOneFile() throws {
        try scratch.makeFolder("all")
        try scratch.makeFolder("all/one")
        try scratch.write("x", to: "all/one/type")
        symlink(scratch.path("db/type"), scratch.path("link"))
        try copy("all:/platform/bindings", "link:/platform/bindings/two/type", "db:/platform/bindings/one/more")
        #expect(scratch.text("platform/bindings/one/type") == "x")
        #expect(scratch.text("platform/bindings/two/type") == "postgresql")
        #expect(scratch.text("platform/bindings/one/more/type") == "postgresql")
    }

    @Test(arguments: [
        ("outside", "leads to nothing inside"), ("circle", "circle"), ("fifo", "neither a file nor a folder"), ("up", "too deep"),
        ("large", "larger than"),
    ])
    func refused(kind: String, words: String) throws {
        let path = scratch.path("db/odd")
        switch kind {
        case "outside": symlink("/etc/hostname-of-nobody", path)
        case "circle": symlink("odd", path)
        case "fifo": mkfifo(path, 0o600)
        case "up": symlink(".", path)
        default:
            try scratch.write("", to: "db/odd")
            truncate(path, 65 << 20)
        }
        let fault = #expect(throws: Fault.self) { try copy("db:/platform/bindings/x") }
        let told = [fault?.message, fault?.hint].compactMap { $0 }.joined(separator: " ")
        #expect(told.contains(words), "\(told)")
        #expect(fault?.message.contains(scratch.path("db")) == true)
    }
}
