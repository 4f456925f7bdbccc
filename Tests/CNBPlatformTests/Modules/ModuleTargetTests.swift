import Archive
import CNBSpec
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

/// Which systems a package is made for, and which of the module's folders counts (H-17, H-18).
@Suite struct ModuleTargetTests {
    private func names(_ targets: [String], roots: [String] = []) throws -> [String] {
        let targets = try targets.map { try Target(parsing: $0) }
        return ModuleTarget.all(targets, os: "linux") { target in
            roots.last { $0 == target.folders.joined(separator: "/") } ?? ""
        }.map(\.description)
    }

    @Test func eachSystemOnce() throws {
        #expect(try names([]) == ["linux-\(Platform.host.architecture)"])
        #expect(try names(["linux/amd64", "linux/arm/v7", "linux/amd64"]) == ["linux-amd64", "linux-arm-v7"])
        #expect(try names(["linux/amd64:debian@12;ubuntu@24.04"]) == ["linux-amd64"])
        #expect(
            try names(["linux/amd64:debian@12;ubuntu@24.04@22.04"], roots: ["linux/amd64/debian@12", "linux/amd64/ubuntu@24.04"])
                == ["linux-amd64-debian-12", "linux-amd64-ubuntu-24.04", "linux-amd64"])
    }

    @Test(arguments: [
        ("linux/amd64", "linux/amd64"), ("linux/arm64", "linux"), ("linux/arm/v7:debian@12", "linux/arm/v7/debian@12"),
        ("linux/arm/v6", "linux/arm"), ("windows/amd64", ""), ("../x", ""),
    ])
    func theDeepestFolder(target: String, root: String) throws {
        let scratch = try ScratchDirectory()
        for folder in ["linux/bin/build", "linux/amd64/buildpack.toml", "linux/arm/bin/build", "linux/arm/v7/debian@12/bin/build"] {
            try scratch.makeFile("bp/" + folder, "")
        }
        // A folder of that name with other things in it is none of a target's.
        try scratch.makeFile("bp/windows/readme", "")
        let directory = try ConfinedDirectory(scratch.path("bp"))
        let parts = target.split(separator: ":"), machine = parts[0].split(separator: "/").map(String.init)
        let one = ModuleTarget(
            platform: Platform(os: machine[0], architecture: machine[1], variant: machine.count > 2 ? machine[2] : nil),
            distro: parts.count > 1 ? Distro(name: "debian", version: "12") : nil)
        #expect(try ModuleFolder.root(.buildpack, in: directory, for: one) == root)
        #expect(try ModuleFolder.root(.buildpack, in: directory, for: nil) == "")
    }
}
