import CNBSpec
import Diagnostics
import Testing

@testable import CNBPlatform

/// package.toml (H-15).
@Suite struct PackageConfigTests {
    private func read(_ text: String) throws(Fault) -> PackageConfig {
        try PackageConfig(reading: DocumentSource(file: "package.toml", text: text))
    }

    @Test func everyKey() throws {
        let config = try read(
            """
            [buildpack]
            uri = "."
            [[dependencies]]
            uri = "docker://acme/node"
            [[dependencies]]
            image = "acme/npm"
            [platform]
            os = "linux"
            [[targets]]
            os = "linux"
            arch = "arm"
            variant = "v7"
            [[targets.distros]]
            name = "debian"
            version = "12"
            """)
        #expect(config.kind == .buildpack && config.main.uri == "." && config.main.location?.line == 2)
        #expect(config.dependencies.map(\.uri) == ["docker://acme/node", "docker://acme/npm"])
        #expect(config.dependencies.map(\.location?.line) == [4, 6])
        #expect(config.targets == [Target(os: "linux", arch: "arm", variant: "v7", distros: [Distro(name: "debian", version: "12")])])
        #expect(try read("[extension]\nuri = 'x'\n").kind == .extension)
    }

    @Test(arguments: [
        ("[buildpack]\nurl = '.'\n", "'buildpack.uri' is missing", 1, 1),
        ("[buildpack]\nuri = '.'\nurl = '.'\n", "invalid package toml: unknown key 'buildpack.url', did you mean 'uri'?", 3, 1),
        ("[buildpack]\nuri = '.'\n[[dependency]]\nuri = 'x'\n", "did you mean 'dependencies'?", 3, 3),
        ("[buildpack]\nuri = '.'\n[platform]\nos = 'plan9'\n", "not 'linux' or 'windows'", 3, 2),
        ("[buildpack]\nuri = '.'\n[[dependencies]]\nuri = 'x'\nimage = 'y'\n", "'uri' and 'image' exclude each other", 5, 1),
        ("[buildpack]\nuri = '.'\n[extension]\nuri = '.'\n", "'buildpack' and 'extension' exclude each other", 3, 2),
        ("[[dependencies]]\nuri = 'x'\n", "'buildpack.uri' is missing", 1, 1), ("[buildpack\n", "", 1, 11),
        ("[buildpack]\nuri = 1\n", "must be a string", 2, 1),
    ])
    func refuses(text: String, message: String, line: Int, column: Int) throws {
        let fault = try #require(throws: Fault.self) { try read(text) }
        #expect(fault.message.contains(message), "\(fault.message)")
        #expect(fault.location?.file == "package.toml")
        #expect(fault.location?.line == line && fault.location?.column == column, "\(String(describing: fault.location))")
    }
}
