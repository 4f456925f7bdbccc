import Archive
import Diagnostics
import Foundation
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct RegistryIndexTests {
    // H-45
    @Test(
        arguments: [
            ("acme/a", "1/acme_a"), ("acme/ab", "2/acme_ab"), ("acme/abc", "3/ab/acme_abc"), ("acme/java", "ja/va/acme_java"),
            ("acme/node-js.1", "no/de/acme_node-js.1"), ("Acme/java", nil), ("acme", nil), ("a/b/c", nil), ("acme/", nil),
            ("acme/ja_va", nil),
            ("../java", "ja/va/.._java"),
        ] as [(String, String?)])
    func files(id: String, file: String?) { #expect(RegistryIndex.file(of: id) == file) }

    private static let lines = """
        {"ns":"acme","name":"java","version":"1.9.0","yanked":false,"addr":"example.com/java@sha256:\(String(repeating: "1", count: 64))"}
        {"ns":"acme","name":"java","version":"1.10.0","yanked":false,"addr":"example.com/java@sha256:\(String(repeating: "2", count: 64))"}
        {"ns":"acme","name":"java","version":"2.0.0-rc.1","addr":"example.com/java@sha256:\(String(repeating: "3", count: 64))"}
        {"ns":"acme","name":"java","version":"2.0.0","yanked":true,"addr":"example.com/java@sha256:\(String(repeating: "4", count: 64))"}

        """

    // H-47
    @Test(arguments: [(nil, "2.0.0-rc.1"), ("1.9.0", "1.9.0"), ("2.0.0", "2.0.0")] as [(String?, String)])
    func chooses(version: String?, expected: String) throws {
        let entries = try RegistryIndex.entries(Array(Self.lines.utf8), of: "acme/java", url: "u")
        #expect(try RegistryIndex.choose(entries, id: "acme/java", version: version, url: "u").version == expected)
    }

    @Test func whatIsNotThere() throws {
        let entries = try RegistryIndex.entries(Array(Self.lines.utf8), of: "acme/java", url: "u")
        let fault = #expect(throws: Fault.self) { try RegistryIndex.choose(entries, id: "acme/java", version: "3.0.0", url: "u") }
        #expect(fault?.message == "the registry of buildpacks 'u' has no 'acme/java@3.0.0'")
        #expect(fault?.hint?.contains("'1.10.0'") == true)
        let yanked = entries.filter { $0.yanked == true }
        #expect(throws: Fault.self) { try RegistryIndex.choose(yanked, id: "acme/java", version: nil, url: "u") }
        #expect(
            #expect(throws: Fault.self) { try RegistryIndex.entries(Array("{}".utf8), of: "a/b", url: "u") }?.message.contains("line 1")
                == true)
    }

    @Test(arguments: [
        ("1.9.0", "1.10.0"), ("1.0.0-rc.1", "1.0.0"), ("1.0.0-2", "1.0.0-10"), ("1.0.0-1", "1.0.0-a"), ("x", "0.0.1"),
        ("1.0.0-a", "1.0.0-a.1"),
    ])
    func versions(lower: String, higher: String) {
        #expect(SemanticVersion(lower) < SemanticVersion(higher))
        #expect(!(SemanticVersion(higher) < SemanticVersion(lower)))
    }

    /// A real repository on disk, and a change of it.
    @Test(.enabled(if: Peer.isThere("git"), "git is not installed")) func readsARepository() async throws {
        let scratch = try ScratchDirectory()
        let work = scratch.path("work")
        func git(_ arguments: String...) async throws {
            let result = try await Program(
                ["git", "-C", work, "-c", "user.name=t", "-c", "user.email=t@t"] + arguments,
                environment: ["PATH=/usr/bin:/bin", "HOME=\(scratch.path)", "GIT_CONFIG_NOSYSTEM=1"]
            ).run()
            guard result.succeeded else { throw TestSetupError("\(result)") }
        }
        try scratch.makeFile("work/ja/va/acme_java", Self.lines)
        try await git("init", "--quiet", "--initial-branch=trunk")
        try await git("add", ".")
        try await git("commit", "--quiet", "-m", "one")
        let index = RegistryIndex(url: "file://\(work)", folder: scratch.path("registries"), events: { _ in })
        await #expect(throws: Fault.self) { try await index.image("acme/java", version: nil, policy: .never) }
        #expect(try await index.image("acme/java", version: "1.9.0", policy: .always).digest?.hex == String(repeating: "1", count: 64))
        let missing = await #expect(throws: Fault.self) { try await index.image("acme/none", version: nil, policy: .always) }
        #expect(missing?.message.contains("has no 'acme/none'") == true)

        let newer = #"{"ns":"acme","name":"java","version":"3.0.0","addr":"example.com/java@sha256:\#(String(repeating: "5", count: 64))"}"#
        try scratch.write(Self.lines + newer + "\n", to: "work/ja/va/acme_java")
        try await git("commit", "--quiet", "-a", "-m", "two")
        // What is known is not asked for again unless the policy says so.
        #expect(try await index.image("acme/java", version: nil, policy: .ifNotPresent).digest?.hex == String(repeating: "3", count: 64))
        #expect(try await index.image("acme/java", version: nil, policy: .always).digest?.hex == String(repeating: "5", count: 64))
        #expect(try await index.image("acme/java", version: nil, policy: .never).digest?.hex == String(repeating: "5", count: 64))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("registries")).count == 1)
    }

    @Test func aRepositoryThatIsNotThere() async throws {
        let scratch = try ScratchDirectory()
        let index = RegistryIndex(url: "file://\(scratch.path)/none", folder: scratch.path("registries"), events: { _ in })
        let fault = await #expect(throws: Fault.self) { try await index.image("acme/java", version: nil, policy: .always) }
        #expect(fault?.message.contains("cannot be read: git says:") == true, "\(fault?.message ?? "")")
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path("registries")).isEmpty)
    }

    // H-48
    @Test func namesOfRegistries() throws {
        var configuration = Configuration()
        #expect(try configuration.buildpackRegistry(nil) == RegistryIndex.standardURL)
        configuration.buildpackRegistries = ["mine": "https://example.com/index"]
        #expect(try configuration.buildpackRegistry("mine") == "https://example.com/index")
        #expect(try configuration.buildpackRegistry("https://example.com/x") == "https://example.com/x")
        configuration.defaultBuildpackRegistry = "mine"
        #expect(try configuration.buildpackRegistry(nil) == "https://example.com/index")
        #expect(try configuration.buildpackRegistry("official") == RegistryIndex.standardURL)
        let fault = #expect(throws: Fault.self) { try configuration.buildpackRegistry("other") }
        #expect(fault?.hint == "the configuration has 'official', 'mine'")
    }
}
