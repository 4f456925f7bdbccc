import Diagnostics
import Glibc
import Sandbox
import TestSupport
import Testing

@testable import CNBPlatform

@Suite("Volumes (L-20, J-6)")
struct VolumeTests {
    @Test(arguments: [
        ("/a:/b", "/a", "/b", Volume.Access.readOnly), ("a:/b:rw", "/work/a", "/b", .readWrite),
        ("./a:/b//c/./d/:ro", "/work/./a", "/b/c/d", .readOnly),
        ("../x:/platform/bindings/db", "/work/../x", "/platform/bindings/db", .readOnly),
    ])
    func parses(text: String, source: String, target: String, access: Volume.Access) throws {
        let volume = try Volume(parsing: text, relativeTo: "/work", access: .readOnly)
        #expect(volume.source == source && volume.target == target && volume.access == access)
        #expect(try Volume(parsing: "/a:/b", relativeTo: "/", access: .readWrite).access == .readWrite)
    }

    @Test(arguments: [
        ("", "is not a volume"), ("/a", "is not a volume"), (":/b", "is not a volume"), ("/a:b", "is not a volume"),
        ("a:b:c:d", "is not a volume"),
        ("/a:/b:rx", "'rx'"), ("/a:/b:", "''"), ("/a:/b:volume-opt=x", "'volume-opt=x'"), ("/a:/", "no place"), ("/a:/b/../c", "no place"),
        ("/a:/.", "no place"),
    ])
    func refuses(text: String, words: String) {
        let fault = #expect(throws: Fault.self) { try Volume(parsing: text, relativeTo: "/work", access: .readOnly) }
        #expect(fault?.message.contains(words) == true, "\(String(describing: fault))")
        #expect(fault?.hint != nil)
    }

    @Test(arguments: [
        "/cnb", "/cnb/buildpacks/x", "/layers", "/layers/x_y/z", "/workspace", "/workspace/node_modules", "/platform", "/platform/env/A",
        "/platform/bindingsx", "/proc", "/sys/x", "/dev/null",
    ])
    func placesOfTheBuild(target: String) throws {
        let volume = try Volume(parsing: "/:\(target)", relativeTo: "/", access: .readOnly)
        let fault = #expect(throws: Fault.self) { try Volume.checkForBuild([volume], workspace: .standard) }
        #expect(fault?.message.contains("belongs to the build") == true)
    }

    @Test(arguments: ["/cnbx", "/workspaces", "/home/cnb/.m2", "/platform/bindings", "/platform/bindings/db", "/layers-x"])
    func otherPlaces(target: String) throws {
        let volume = try Volume(parsing: "/:\(target)", relativeTo: "/", access: .readOnly)
        try Volume.checkForBuild([volume], workspace: .standard)
        #expect(throws: Fault.self) { try Volume.checkForBuild([volume, volume], workspace: .standard) }
        let other = try Volume(parsing: "/:/app/x", relativeTo: "/", access: .readOnly)
        #expect(throws: Fault.self) { try Volume.checkForBuild([volume, other], workspace: WorkspaceName("app")) }
    }

    @Test func missingAndWritableBindings() throws {
        let missing = try Volume(parsing: "no/such:/x", relativeTo: "/nowhere", access: .readOnly)
        let fault = #expect(throws: Fault.self) { try Volume.check([missing]) }
        #expect(fault?.message == "--volume: reading '/nowhere/no/such': No such file or directory")
        let writable = try Volume(parsing: "/:/platform/bindings/x:rw", relativeTo: "/", access: .readOnly)
        #expect(throws: Fault.self) { try Volume.checkForBuild([writable], workspace: .standard) }
    }

    @Test func whoMayNotReadIsTold() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFolder("mine")
        let owner = geteuid()
        func obstacle(_ mode: mode_t, _ access: Volume.Access, user: UInt32, _ namespace: NamespaceMode = .root) throws -> String? {
            chmod(scratch.path("mine"), mode)
            return try Volume(parsing: "mine:/x", relativeTo: scratch.path, access: access)
                .obstacle(user: user, group: 4_000_000, mode: namespace)?.message
        }
        #expect(try obstacle(0o755, .readOnly, user: owner + 1) == nil)
        #expect(try obstacle(0o700, .readOnly, user: owner) == nil)
        #expect(try obstacle(0o700, .readOnly, user: owner + 1)?.contains("may not read") == true)
        #expect(try obstacle(0o755, .readWrite, user: owner + 1)?.contains("(id \(owner + 1) of this machine) may not write") == true)
        #expect(try obstacle(0o777, .readWrite, user: owner + 1) == nil)
        #expect(try obstacle(0o700, .readWrite, user: owner + 1, .single) == nil)
    }
}
