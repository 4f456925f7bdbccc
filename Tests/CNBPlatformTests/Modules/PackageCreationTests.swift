import Archive
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

/// Packages of buildpacks (H-1 to H-7, H-55).
@Suite struct PackageCreationTests {
    // H-2, H-3, H-4
    @Test func layersAndLabels() async throws {
        let fixture = try PackageFixture()
        try fixture.buildpack(
            "bp", id: "acme/node",
            more: """
                name = "Node"
                description = "Runs node"
                homepage = "https://node.example"
                keywords = ["js"]
                clear-env = true
                [[buildpack.licenses]]
                type = "MIT"
                [[targets]]
                os = "linux"
                """)
        let image = try await fixture.package("bp") { $0.labels = ["mine": "yes"] }
        #expect(
            try fixture.files(image) == [
                [
                    "755 /cnb/buildpacks/acme_node", "755 /cnb/buildpacks/acme_node/1.0.0", "755 /cnb/buildpacks/acme_node/1.0.0/bin",
                    "755 /cnb/buildpacks/acme_node/1.0.0/bin/build", "755 /cnb/buildpacks/acme_node/1.0.0/bin/detect",
                    "644 /cnb/buildpacks/acme_node/1.0.0/buildpack.toml",
                ]
            ])
        let labels = image.config.settings.labels
        #expect(
            labels["io.buildpacks.buildpackage.metadata"]
                == #"{"clear-env":true,"description":"Runs node","homepage":"https://node.example","id":"acme/node","keywords":["js"],"licenses":[{"type":"MIT"}],"name":"Node","stacks":[{"id":"*"}],"version":"1.0.0"}"#
        )
        let diffID = image.layers[0].diffID
        #expect(
            labels["io.buildpacks.buildpack.layers"]
                == #"{"acme/node":{"1.0.0":{"api":"0.10","homepage":"https://node.example","layerDiffID":"\#(diffID)","name":"Node","targets":[{"arch":"","os":"linux"}]}}}"#
        )
        #expect(labels["mine"] == "yes")
        #expect(image.config.created == "1980-01-01T00:00:01Z")
    }

    @Test func anExtension() async throws {
        let fixture = try PackageFixture()
        try fixture.scratch.makeFile("ext/extension.toml", "api = '0.10'\n[extension]\nid = 'acme/curl'\nversion = '1'\n")
        try fixture.scratch.makeFile("ext/bin/generate", "#!/bin/sh\n", mode: 0o600)
        let image = try await fixture.package("ext") { $0.kind = .extension }
        #expect(try fixture.files(image)[0].last == "644 /cnb/extensions/acme_curl/1/extension.toml")
        #expect(try fixture.files(image)[0].contains("755 /cnb/extensions/acme_curl/1/bin/generate"))
        #expect(image.config.settings.labels["io.buildpacks.buildpackage.metadata"] == #"{"id":"acme/curl","stacks":null,"version":"1"}"#)
        #expect(image.config.settings.labels["io.buildpacks.extension.layers"]?.contains("acme/curl") == true)
    }

    /// H-7, D-95: whatever the modes and times of files, and the order of dependencies.
    @Test func sameInputsSameDigest() async throws {
        var digests: Set<String> = []
        for round in 0..<2 {
            let fixture = try PackageFixture()
            let names = round == 0 ? ["one", "two"] : ["two", "one"]
            for name in names { try fixture.buildpack(name, id: "acme/\(name)") }
            try fixture.composite(["acme/one@1.0.0", "acme/two@1.0.0"], dependencies: names)
            if round == 1 {
                for (path, mode) in [("one", 0o700), ("one/bin/build", 0o755), ("two/buildpack.toml", 0o600)] as [(String, mode_t)] {
                    chmod(fixture.scratch.path(path), mode)
                    var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
                    utimensat(AT_FDCWD, fixture.scratch.path(path), &times, 0)
                }
            }
            digests.insert(try await fixture.package().digest.description)
        }
        #expect(digests.count == 1)
    }

    @Test func partsOfPartsComeAlong() async throws {
        let fixture = try PackageFixture()
        try fixture.buildpack("one", id: "acme/one")
        try fixture.composite(["acme/one@1.0.0"], dependencies: ["one"])
        let first = try await fixture.package()
        try fixture.store.tag(first, [try Reference(parsing: "acme/all")])
        try fixture.scratch.makeFile(
            "top/buildpack.toml",
            "api = '0.10'\n[buildpack]\nid = 'acme/top'\nversion = '1'\n[[order]]\n[[order.group]]\nid = 'acme/all'\nversion = '1'\n")
        try fixture.config("top", ["docker://acme/all"])
        let package = try ModulePackage(try await fixture.package(), kind: .buildpack, name: "p")
        #expect(package.main.description == "acme/top@1")
        #expect(package.modules.map(\.reference.description) == ["acme/all@1", "acme/one@1.0.0", "acme/top@1"])
    }

    // H-6, H-17, H-55
    @Test(arguments: [
        (["acme/one"], ["one"], "buildpack 'acme/all@1' must specify a version when referencing buildpack 'acme/one'"),
        (["acme/one@2"], ["one"], "buildpack 'acme/all@1' references buildpack 'acme/one@2' which is not present"),
        (["acme/one@1.0.0"], ["one", "two"], "buildpack 'acme/two@1.0.0' is not used by buildpack 'acme/all@1'"),
        (["acme/one@1.0.0"], ["nowhere"], "the buildpack 'nowhere'"),
    ])
    func refuses(parts: [String], dependencies: [String], message: String) async throws {
        let fixture = try PackageFixture()
        for name in ["one", "two"] { try fixture.buildpack(name, id: "acme/\(name)") }
        try fixture.composite(parts, dependencies: dependencies)
        let fault = await #expect(throws: Fault.self) { try await fixture.package() }
        #expect(fault?.message.contains(message) == true, "\(fault?.message ?? "")")
        #expect(try fixture.store.image(Reference(parsing: "package")) == nil)
    }

    @Test func aPathInAPackageForSeveralTargets() async throws {
        let fixture = try PackageFixture()
        try fixture.buildpack("one", id: "acme/one")
        try fixture.composite(
            ["acme/one@1.0.0"], dependencies: ["./one"],
            more: "[[targets]]\nos = 'linux'\narch = 'amd64'\n[[targets]]\nos = 'linux'\narch = 'arm64'\n")
        let fault = await #expect(throws: Fault.self) { try await fixture.package() }
        #expect(fault?.message.hasPrefix("the dependency './one' is a path of this machine") == true, "\(fault?.message ?? "")")
        #expect(fault?.location?.line == 4)
    }

    // H-5
    @Test(
        arguments: [
            (["a", "b"], ["b", "c"], ["b"]), (["*"], ["b", "c"], ["b", "c"]), (["a"], ["*"], ["a"]), ([], ["a"], ["a"]), ([], [], ["*"]),
            (["a"], ["b"], nil),
        ] as [([String], [String], [String]?)])
    func commonStacks(one: [String], two: [String], common: [String]?) async throws {
        let fixture = try PackageFixture()
        func stacks(_ ids: [String]) -> String {
            ids.isEmpty ? "[[targets]]\nos = 'linux'" : ids.map { "[[stacks]]\nid = '\($0)'\n" }.joined()
        }
        try fixture.buildpack("one", id: "acme/one", more: stacks(one))
        try fixture.buildpack("two", id: "acme/two", more: stacks(two))
        try fixture.composite(["acme/one@1.0.0", "acme/two@1.0.0"], dependencies: ["one", "two"])
        guard let common else {
            let fault = await #expect(throws: Fault.self) { try await fixture.package() }
            #expect(fault?.message == "no compatible stacks among provided buildpacks")
            return
        }
        let label = try await fixture.package().config.settings.labels["io.buildpacks.buildpackage.metadata"] ?? ""
        #expect(try BuildpackageMetadata(label: "l", text: label).stacks.map(\.id) == common)
    }

    /// H-55, H-9: from folders and from layers, with one directory for an id.
    @Test func flattened() async throws {
        let fixture = try PackageFixture()
        try fixture.buildpack("one", id: "acme/one")
        try fixture.buildpack("newer", id: "acme/one", version: "2.0.0")
        try fixture.buildpack("two", id: "acme/two")
        try fixture.store.tag(try await fixture.package("newer"), [try Reference(parsing: "acme/newer")])
        try fixture.composite(
            ["acme/one@1.0.0", "acme/one@2.0.0", "acme/two@1.0.0"], dependencies: ["one", "docker://acme/newer", "two"])
        let image = try await fixture.package { $0.flattenedWithout = [try? BuildpackReference("acme/two@1.0.0")].compactMap(\.self) }
        let files = try fixture.files(image)
        #expect(files.count == 2)
        #expect(files[0].count { $0 == "755 /cnb/buildpacks/acme_one" } == 1)
        #expect(files[0].contains("755 /cnb/buildpacks/acme_one/1.0.0/bin/build"))
        #expect(files[0].contains("755 /cnb/buildpacks/acme_one/2.0.0/bin/build"))
        #expect(
            files[0].last == "644 /cnb/buildpacks/acme_all/1/buildpack.toml"
                || files[0].contains("644 /cnb/buildpacks/acme_all/1/buildpack.toml"))
        #expect(files[1].first == "755 /cnb/buildpacks/acme_two")
        let package = try ModulePackage(image, kind: .buildpack, name: "p")
        #expect(package.modules.count == 4)
        let unknown = await #expect(throws: Fault.self) {
            try await fixture.package { $0.flattenedWithout = [try? BuildpackReference("acme/tow@1.0.0")].compactMap(\.self) }
        }
        #expect(unknown?.message == "--flatten-exclude: there is no 'acme/tow@1.0.0' to put into a layer")
        #expect(unknown?.hint == "did you mean 'acme/two@1.0.0'?")
    }

    /// Thirty buildpacks, each twice in the order of the one before: a billion entries (L-52).
    @Test func anOrderThatUnfoldsWithoutEnd() async throws {
        let fixture = try PackageFixture()
        try fixture.buildpack("one", id: "b0")
        let image = try await fixture.package("one")
        let layer = try #require(image.layers.first).diffID
        let modules = (0..<30).map { number in
            let next = #"{"group":[{"id":"b\#(number + 1)","version":"1"}]}"#
            return #""b\#(number)":{"1":{"api":"0.10","layerDiffID":"\#(layer)","order":[\#(next),\#(next)]}}"#
        }
        var config = image.config
        config.settings.labels["io.buildpacks.buildpack.layers"] = "{\(modules.joined(separator: ","))}"
        config.settings.labels["io.buildpacks.buildpackage.metadata"] = #"{"id":"b0","version":"1"}"#
        let package = try ModulePackage(try image.with(config: config), kind: .buildpack, name: "p")
        let fault = #expect(throws: Fault.self) { try DetectionOrderTree(package) }
        #expect(fault?.message == "the order of the package unfolds to more than 10000 buildpacks")
        #expect(try DetectionOrderTree(package, depth: 3).groups.count == 2)
    }

    /// H-18: the folder of the target, with the descriptor above it, is the same as if it stood alone.
    @Test func foldersOfTargets() async throws {
        let fixture = try PackageFixture()
        let host = Platform.host.architecture
        try fixture.buildpack("alone", id: "acme/one")
        try fixture.scratch.makeFile("several/buildpack.toml", fixture.scratch.text("alone/buildpack.toml"))
        for name in ["detect", "build"] {
            try fixture.scratch.makeFile("several/linux/\(host)/bin/\(name)", fixture.scratch.text("alone/bin/\(name)"))
        }
        #expect(try await fixture.package("several").digest == fixture.package("alone").digest)
        let other = await #expect(throws: Fault.self) {
            try await fixture.package("several") { $0.targets = [Target(os: "windows", arch: "amd64")] }
        }
        #expect(other?.message.contains("has no bin/build") == true, "\(other?.message ?? "")")
    }
}
