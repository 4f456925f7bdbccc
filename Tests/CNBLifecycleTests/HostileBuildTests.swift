import Archive
import CNBLifecycle
import CNBSpec
import Diagnostics
import Glibc
import TestSupport
import Testing

@Suite("Build phase: what a buildpack leaves may be hostile")
struct HostileBuildTests {
    struct Trick: Sendable, CustomTestStringConvertible {
        var title: String
        var play: @Sendable (ScriptRun) throws -> Void
        var message: String
        var testDescription: String { title }
    }

    static let tricks: [Trick] = [
        Trick(
            title: "a FIFO as layer.toml", play: { try $0.root.makeFIFO("\($0.layers)/l.toml") }, message: "not a regular file"),
        Trick(
            title: "a link to a host file as launch.toml", play: { try $0.root.link("\($0.layers)/launch.toml", to: "/etc/hostname") },
            message: "does not exist"),
        Trick(
            title: "a link out of the root as launch.toml",
            play: { try $0.root.link("\($0.layers)/launch.toml", to: "../../../../../../../etc/hostname") }, message: "does not exist"),
        Trick(
            title: "a link to itself", play: { try $0.root.link("\($0.layers)/l.toml", to: "l.toml") }, message: "l.toml"),
        Trick(
            title: "a huge document",
            play: { run in
                try run.write("\(run.layers)/l.toml", "")
                #expect(truncate("\(run.root.path)\(run.layers)/l.toml", 11 << 20) == 0)
            }, message: "larger than"),
        Trick(
            title: "a FIFO as SBOM", play: { try $0.root.makeFIFO("\($0.layers)/launch.sbom.cdx.json") },
            message: "not a regular file"),
        Trick(
            title: "a link to a host file as SBOM", play: { try $0.root.link("\($0.layers)/launch.sbom.cdx.json", to: "/etc/hostname") },
            message: "does not exist"),
        Trick(
            title: "C-24: a dangling link as variable",
            play: { run in
                try run.layer("l", "build")
                try run.root.link("\(run.layers)/l/env/X", to: "nowhere")
            }, message: "does not exist"),
        Trick(
            title: "a FIFO as variable",
            play: { run in
                try run.layer("l", "build", files: ["env/Y": ""])
                try run.root.makeFIFO("\(run.layers)/l/env/X")
            }, message: "not a regular file"),
        Trick(
            title: "a variable larger than the kernel takes",
            play: { try $0.layer("l", "build", files: ["env/X": String(repeating: "x", count: 128 << 10 + 1)]) }, message: "larger than"),
        Trick(
            title: "a file where SBOMs go", play: { try $0.write("/layers/sbom", "") }, message: "/layers/sbom"),
    ]

    @Test("S: nothing hangs, nothing is read from outside, the error is 52 and names the buildpack", arguments: tricks)
    func trick(_ trick: Trick) async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1", "sbom-formats = [\"application/vnd.cyclonedx+json\"]")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try trick.play(run)
                    return .exited(0)
                }
            ])
        let fault = try await #require(throws: Fault.self) { try await BuildPhaseTests.phase(root, host, [element]).run() }
        #expect(fault.exitCode == 52)
        #expect(fault.message.contains(trick.message), "\(fault.message)")
    }

    @Test("A folder in place of the results is replaced or merged, a link never followed out of the root")
    func replacedFolders() async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1")
        try root.scratch.makeFolder("outside")
        let outside = root.scratch.path("outside")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try run.root.link("/layers/config", to: outside)
                    return .exited(0)
                }
            ])
        _ = try await BuildPhaseTests.phase(root, host, [element]).run()
        #expect(root.text("/layers/config/metadata.toml") != nil)
        #expect(try root.root.status("/layers/config", followingLinks: false)?.kind == .directory)
        #expect(access(outside + "/metadata.toml", F_OK) != 0)
    }

    @Test("A layer that is a link is no layer: nothing is renamed through it")
    func linkAsLayer() async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try run.layer("l", "build")
                    try run.root.link("\(run.layers)/l", to: "/workspace")
                    return .exited(0)
                }
            ])
        _ = try await BuildPhaseTests.phase(root, host, [element]).run()
        #expect(root.names("/layers/kit_a") == ["l", "l.toml"])
    }

    @Test("A buildpack that removes its folder, or everything, has no layers")
    func removedFolder() async throws {
        let root = try TestRoot()
        let element = try root.addBuildpack("kit/a@1")
        let host = try ScriptedHost(
            root,
            [
                "kit/a@1 build": { run in
                    try run.root.root.removeTree(run.layers)
                    return .exited(0)
                }
            ])
        let metadata = try await BuildPhaseTests.phase(root, host, [element]).run()
        #expect(metadata.processes.isEmpty)
    }
}
