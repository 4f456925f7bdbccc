import Diagnostics
import FoundationEssentials
import Glibc
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

// L-5
@Suite struct ConfigurationFileTests {
    private let scratch: ScratchDirectory
    private let file: ConfigurationFile

    init() throws {
        scratch = try ScratchDirectory()
        file = try ConfigurationFile(environment: ["XDG_CONFIG_HOME": scratch.path + "/deep/config"])
    }

    private var text: String { (try? String(contentsOf: URL(filePath: file.path), encoding: .utf8)) ?? "" }

    private func write(_ text: String) throws {
        try scratch.makeFolder("deep")
        try scratch.makeFolder("deep/config")
        try scratch.makeFolder("deep/config/tote")
        try scratch.makeFile("deep/config/tote/config.toml", text)
    }

    @Test func makesTheFile() throws {
        #expect(try file.setDefaultBuilder("b") == nil)
        #expect(try file.setPullPolicy(.interval(Period(minutes: 90))) == nil)
        #expect(try file.setRegistryMirror(of: "docker.io", "m.example") == nil)
        try file.addRunImageMirrors(of: "r", ["a.example/r"])
        #expect(
            text == """
                default-builder-image = "b"
                pull-policy = "interval=1h30m"

                [registry-mirrors]
                  "docker.io" = "m.example"

                [[run-images]]
                  image = "r"
                  mirrors = ["a.example/r"]

                """)
        #expect(try file.setDefaultBuilder("c") == "b")
        #expect(try file.setPullPolicy(nil) == "interval=1h30m")
        #expect(try file.setRegistryMirror(of: "docker.io", nil) == "m.example")
        #expect(try file.removeRunImageMirrors(of: "r", []))
        #expect(text == "default-builder-image = \"c\"\n")
        #expect(try file.setDefaultBuilder(nil) == "c")
        #expect(try file.setDefaultBuilder(nil) == nil)
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path + "/deep/config/tote") == ["config.toml"])
    }

    @Test func keepsWhatItDoesNotChange() throws {
        try write("# mine\nunknown = 1 # too\n\n# why\n[[run-images]]\nimage = \"r\" # this\nmirrors = [\"a/r\"]\nnote = \"x\"\n")
        try file.addRunImageMirrors(of: "r", ["b/r", "a/r", "b/r"])
        #expect(
            text == "# mine\nunknown = 1 # too\n\n# why\n[[run-images]]\nimage = \"r\" # this\nmirrors = [\"a/r\", \"b/r\"]\nnote = \"x\"\n"
        )
        #expect(try file.removeRunImageMirrors(of: "r", ["a/r"]))
        #expect(text.contains("mirrors = [\"b/r\"]\nnote"))
        #expect(try file.removeRunImageMirrors(of: "other", []) == false)
        #expect(try file.removeRunImageMirrors(of: "r", ["b/r"]))
        #expect(text == "# mine\nunknown = 1 # too\n")
    }

    @Test func followsLinksAndKeepsModes() throws {
        try write("")
        try scratch.makeFile("dotfile", "pull-policy = \"never\"\n")
        chmod(scratch.path + "/dotfile", 0o600)
        unlink(file.path)
        #expect(symlink(scratch.path + "/dotfile", file.path) == 0)
        #expect(try file.setPullPolicy(.always) == "never")
        #expect(try String(contentsOf: URL(filePath: scratch.path + "/dotfile"), encoding: .utf8) == "pull-policy = \"always\"\n")
        #expect(try #require(scratch.status("dotfile")).st_mode & 0o777 == 0o600)
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: file.path) == scratch.path + "/dotfile")
    }

    /// Two hundred changes by eight threads, none lost.
    @Test func changesAtOnce() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for task in 0..<8 {
                group.addTask { [file] in
                    for step in 0..<25 { try file.setRegistryMirror(of: "r\(task)-\(step).example", "m.example") }
                }
            }
            try await group.waitForAll()
        }
        #expect(try file.configuration().registryMirrors.count == 200)
    }

    @Test(arguments: ["pull-policy = \n", "pull-policy = \"sometimes\"\n", "registry-mirrors = 1\n"])
    func whatCannotBeReadIsNotChanged(before: String) throws {
        try write(before)
        let fault = #expect(throws: Fault.self) { try file.setDefaultBuilder("b") }
        #expect(fault?.location?.line == 1)
        #expect(text == before)
    }

    @Test(arguments: [
        ("ghcr", "m.example", "'ghcr' is not the host of a registry"), ("ghcr.io/acme", "m.example", "'ghcr.io/acme' is not the host"),
        ("a b", "m.example", "'a b' is not the host"),
        ("ghcr.io", "ftp://m.example", "registry mirror 'ftp://m.example' is not an address"),
        ("ghcr.io", "a b", "registry mirror 'a b' is not an address"), ("", "m.example", "'' is not the host"),
    ])
    func senselessMirrors(registry: String, mirror: String, message: String) throws {
        let fault = #expect(throws: Fault.self) { try file.setRegistryMirror(of: registry, mirror) }
        #expect(fault?.message.hasPrefix(message) == true, "\(String(describing: fault))")
        #expect(text == "")
    }

    @Test(arguments: ["*", "docker.io", "index.docker.io", "ghcr.io", "localhost", "localhost:5000", "[::1]:5000"])
    func registries(host: String) throws {
        try file.setRegistryMirror(of: host, "127.0.0.1:5000/path")
        #expect(try file.configuration().registryMirrors == [host: "127.0.0.1:5000/path"])
    }

    @Test func senselessRunImages() throws {
        #expect(throws: ReferenceError.self) { try file.addRunImageMirrors(of: "A", ["b"]) }
        #expect(throws: ReferenceError.self) { try file.addRunImageMirrors(of: "a", ["b", "C"]) }
        #expect(text == "")
    }

    @Test func withoutAHome() {
        let fault = #expect(throws: Fault.self) { try ConfigurationFile(environment: [:]) }
        #expect(fault?.hint == "set HOME or XDG_CONFIG_HOME")
    }
}
