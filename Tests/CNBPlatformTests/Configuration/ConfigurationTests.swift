import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct ConfigurationTests {
    private func read(_ text: String) throws -> (configuration: Configuration, warnings: [DescriptorWarning]) {
        try Configuration.read(Array(text.utf8), file: "/c/tote/config.toml")
    }

    // L-5
    @Test func readsAllKeys() throws {
        let (found, warnings) = try read(
            """
            default-builder-image = "heroku/builder:24"
            pull-policy = "if-not-present"
            ca-certificates = "certs/ca.pem"
            insecure-registries = ["localhost:5000"]
            [registry-mirrors]
            "docker.io" = "mirror.example:5000"
            "*" = "all.example"
            [[run-images]]
            image = "acme/run"
            mirrors = ["a.example/run", "b.example/run"]
            [limits]
            unpacked-size = "3 GiB"
            [cache]
            max-size = "20GB"
            """)
        #expect(found.defaultBuilder == "heroku/builder:24")
        #expect(found.pullPolicy == .ifNotPresent)
        #expect(found.caCertificates == "/c/tote/certs/ca.pem")
        #expect(found.insecureRegistries == ["localhost:5000"])
        #expect(found.registryMirrors == ["docker.io": "mirror.example:5000", "*": "all.example"])
        // N.6: one image, however it is written.
        for name in ["acme/run", "acme/run:latest", "index.docker.io/acme/run"] {
            #expect(found.mirrors(ofRunImage: name) == ["a.example/run", "b.example/run"])
        }
        #expect(found.mirrors(ofRunImage: "acme/run:2") == [])
        #expect(found.unpackedSize == 3 << 30)
        #expect(found.cacheSize == 20_000_000_000)
        #expect(warnings == [])
    }

    @Test(
        arguments: [
            ("0", 0), ("17", 17), ("17B", 17), ("500MB", 500_000_000), ("1 kib", 1024), ("2TiB", 2 << 40),
        ] as [(String, Int64)])
    func readsSizes(_ text: String, _ bytes: Int64) {
        #expect(ByteCount.parse(text) == bytes)
    }

    @Test(arguments: ["", "GiB", "-1", "1.5GB", "1 G", "9999999999TB", "99999999999999999999", "1GB1"])
    func otherSizesAreNone(_ text: String) {
        #expect(ByteCount.parse(text) == nil)
    }

    @Test func unknownKeysWarn() throws {
        let (found, warnings) = try read("\npul-policy = \"never\"\n")
        #expect(found == Configuration())
        #expect(warnings.map(\.message) == ["unknown key 'pul-policy' is ignored"])
        #expect(warnings.first?.suggestion == "did you mean 'pull-policy'?")
        #expect(warnings.first?.location?.description == "/c/tote/config.toml:2:1")
    }

    @Test(arguments: [
        ("pull-policy = \"sometimes\"", "invalid pull policy sometimes"),
        ("pull-policy = 1", "'pull-policy' must be a string, found an integer"),
        ("[registry-mirrors]\nx = \"\"", "the mirror of 'x' is empty"),
        ("\n[[run-images]]\nmirrors = []", "'run-images.image' is missing"),
        ("[limits]\nunpacked-size = \"much\"", "'much' is not a size"),
        ("[cache]\nmax-size = \"-1GB\"", "'-1GB' is not a size"),
        ("[build]\ncompression = \"gzip:13\"", "gzip has no level '13'"),
        ("insecure-registries = \"x\"", "'insecure-registries' must be an array of strings, found a string"),
    ])
    func errorsHaveAPlace(_ text: String, _ message: String) throws {
        let fault = #expect(throws: Fault.self) { try read(text) }
        #expect(fault?.message == message)
        #expect(fault?.location?.line == (text.contains("\n") ? 2 : 1))
    }

    @Test func runImagesHaveNames() throws {
        let image = #expect(throws: Fault.self) { try read("[[run-images]]\nimage = \"Acme\"\nmirrors = []\n") }
        #expect(image?.message.hasPrefix("a run image in the configuration: 'Acme' is not an image reference") == true)
        #expect(image?.location?.line == 2)
        let mirror = #expect(throws: Fault.self) { try read("[[run-images]]\nimage = \"acme\"\nmirrors = [\"a\", \"\"]\n") }
        #expect(mirror?.location?.line == 3)
    }

    @Test func syntaxErrorsHaveAPlace() throws {
        let fault = #expect(throws: Fault.self) { try read("a = \n") }
        #expect(fault?.location?.line == 1)
        #expect(fault?.location?.text == "a = ")
    }

    @Test func findsTheFile() throws {
        #expect(Configuration.path(environment: ["HOME": "/h"]) == "/h/.config/tote/config.toml")
        #expect(Configuration.path(environment: ["HOME": "/h", "XDG_CONFIG_HOME": "/x"]) == "/x/tote/config.toml")
        #expect(Configuration.path(environment: ["HOME": "/h", "XDG_CONFIG_HOME": "x"]) == "/h/.config/tote/config.toml")
        #expect(Configuration.path(environment: [:]) == nil)
        let scratch = try ScratchDirectory()
        #expect(try Configuration.load(environment: ["HOME": scratch.path]).configuration == Configuration())
        try scratch.makeFolder("tote")
        try scratch.makeFile("tote/config.toml", "pull-policy = \"never\"\n")
        #expect(try Configuration.load(environment: ["XDG_CONFIG_HOME": scratch.path]).configuration.pullPolicy == .never)
    }
}

@Suite struct ToteHomeTests {
    @Test(arguments: [
        (["TOTE_HOME": "/t/"], "/t"), (["TOTE_HOME": "/t", "XDG_DATA_HOME": "/x"], "/t"),
        (["XDG_DATA_HOME": "/x", "HOME": "/h"], "/x/tote"),
        (["XDG_DATA_HOME": "x", "HOME": "/h"], "/h/.local/share/tote"), (["TOTE_HOME": "", "HOME": "/h"], "/h/.local/share/tote"),
        (["HOME": "/"], "/.local/share/tote"),
    ])
    func isFound(_ environment: [String: String], _ expected: String) throws {
        let home = try ToteHome(environment: environment)
        #expect(home.path == expected)
        #expect(home.images == expected + "/images")
        #expect(home.rootFilesystems == expected + "/rootfs")
        #expect(home.cache == expected + "/cache")
        #expect(home.temporary == expected + "/tmp")
    }

    @Test(arguments: [["TOTE_HOME": "t"], ["TOTE_HOME": "/"], [:], ["HOME": "h"]]) func mustBeAbsolute(_ environment: [String: String]) {
        #expect(throws: Fault.self) { try ToteHome(environment: environment) }
    }

    @Test func isMadePrivate() throws {
        let scratch = try ScratchDirectory()
        let home = try ToteHome(environment: ["TOTE_HOME": scratch.path("a/b/tote")])
        try home.prepare()
        try home.prepare()
        #expect(try #require(scratch.status("a/b/tote")).st_mode & 0o7777 == 0o700)
        #expect(scratch.tree("") == ["a", "a/b", "a/b/tote"])
    }

    @Test(arguments: [0o755, 0o750, 0o701] as [UInt32]) func refusesAnOpenFolder(_ mode: UInt32) throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFolder("tote", mode: mode)
        try scratch.makeFile("tote/something")
        let fault = #expect(throws: Fault.self) { try ToteHome(environment: ["TOTE_HOME": scratch.path("tote")]).prepare() }
        #expect(fault?.hint == "close it with: chmod 700 '\(scratch.path("tote"))'")
        #expect(scratch.tree("tote") == ["something"])
    }

    @Test func closesAnEmptyFolder() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFolder("tote", mode: 0o755)
        try ToteHome(environment: ["TOTE_HOME": scratch.path("tote")]).prepare()
        #expect(try #require(scratch.status("tote")).st_mode & 0o7777 == 0o700)
    }

    @Test func refusesWhatIsNotItsOwn() throws {
        let scratch = try ScratchDirectory()
        try scratch.makeFile("file")
        #expect(throws: Fault.self) { try ToteHome(environment: ["TOTE_HOME": scratch.path("file")]).prepare() }
        #expect(throws: Fault.self) { try ToteHome(environment: ["TOTE_HOME": scratch.path("file/below")]).prepare() }
        guard geteuid() == 0 else { return }
        try scratch.makeFolder("theirs", mode: 0o700)
        try scratch.check(chown(scratch.path("theirs"), 1234, 1234), "theirs")
        let fault = #expect(throws: Fault.self) { try ToteHome(environment: ["TOTE_HOME": scratch.path("theirs")]).prepare() }
        #expect(fault?.message.contains("belongs to user 1234") == true)
    }
}
