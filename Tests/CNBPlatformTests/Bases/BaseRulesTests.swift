import Archive
import CNBSpec
import Diagnostics
import Glibc
import OCIImage
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct BasePackagesTests {
    @Test(arguments: [
        ([], BasePackages.standard),
        (["libpq5"], BasePackages(build: BasePackages.standard.build + ["libpq5"], run: BasePackages.standard.run + ["libpq5"])),
        (
            ["build:make", "run:tini"],
            BasePackages(build: BasePackages.standard.build + ["make"], run: BasePackages.standard.run + ["tini"])
        ),
        (
            ["git-", "bash"],
            BasePackages(build: BasePackages.standard.build.filter { $0 != "git" }, run: BasePackages.standard.run + ["git-"])
        ),
        (
            ["build:python3-", "build:python3-venv-", "build:python3-pip-", "run:python3-"],
            BasePackages(build: ["bash", "ca-certificates", "curl", "git"], run: ["bash", "ca-certificates"])
        ),
    ])
    func wishes(wishes: [String], expected: BasePackages) throws {
        #expect(try BasePackages(wishes: wishes) == expected)
    }

    @Test(arguments: ["", "build:", "a,b", "a b", "?essential", "./x.deb", "-x"])
    func refuses(wish: String) {
        #expect(throws: Fault.self) { try BasePackages(wishes: [wish]) }
    }
}

@Suite struct BaseRequestTests {
    @Test(arguments: [
        ("debian12", "debian12-build", "debian12-run"), ("acme/base:v1", "acme/base-build:v1", "acme/base-run:v1"),
        ("localhost:5000/b", "localhost:5000/b-build", "localhost:5000/b-run"),
    ])
    func names(name: String, build: String, run: String) throws {
        let request = try BaseRequest(name: Reference(parsing: name), suite: "bookworm")
        #expect(try request.reference(.build).familiar == build)
        #expect(try request.reference(.run).familiar == run)
    }

    @Test(arguments: ["", "12", "Bookworm", "book worm", "../x", "--help"])
    func suites(suite: String) throws {
        let name = try Reference(parsing: "b")
        #expect(throws: Fault.self) { try BaseRequest(name: name, suite: suite) }
    }

    @Test(arguments: ["deb.debian.org", "ftp://x", "http://x y", "file://relative"])
    func mirrors(mirror: String) throws {
        let name = try Reference(parsing: "b")
        #expect(throws: Fault.self) { try BaseRequest(name: name, suite: "bookworm", mirror: mirror) }
    }

    @Test func noDigest() throws {
        let name = try Reference(parsing: "b").with(digest: .of([]))
        #expect(throws: Fault.self) { try BaseRequest(name: name, suite: "bookworm") }
    }
}

@Suite struct AptSourceTests {
    private static let deb822 = """
        # comment
        Types: deb deb-src
        URIs: http://mirror.example/debian
        Suites: bookworm bookworm-updates bookworm-backports
        Components: main contrib
        Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

        Types: deb
        Enabled: no
        URIs: http://off.example/debian
        Suites: bookworm
        Components: main

        Types: deb
        URIs: https://vendor.example/repo
        Suites: bookworm
        Components: main
        Signed-By:
         -----BEGIN PGP PUBLIC KEY BLOCK-----
         .
         abc

        """

    @Test func readsBothFormats() {
        let sources = AptSource.parse(Self.deb822, name: "x.sources")
        #expect(sources.count == 2)
        #expect(sources[0].suites == ["bookworm", "bookworm-updates", "bookworm-backports"])
        #expect(sources[1].signedBy == "\n-----BEGIN PGP PUBLIC KEY BLOCK-----\n.\nabc")
        #expect(sources[1].paragraph.contains("Signed-By: \n -----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc\n"))
        let lines = """
            deb [arch=amd64 signed-by=/k.gpg] http://a.example/debian bookworm main contrib # here
            deb-src http://a.example/debian bookworm main
            # deb http://b.example/debian bookworm main
              deb http://c.example/ bookworm/
            deb http://incomplete.example/
            """
        #expect(
            AptSource.parse(lines, name: "sources.list") == [
                AptSource(uris: ["http://a.example/debian"], suites: ["bookworm"], components: ["main", "contrib"], signedBy: "/k.gpg"),
                AptSource(uris: ["http://c.example/"], suites: ["bookworm/"], components: []),
            ])
    }

    private func host(_ codename: String) -> HostApt {
        var host = HostApt()
        host.codename = codename
        host.sources = AptSource.parse(Self.deb822, name: "x.sources")
        return host
    }

    @Test func thisMachinesSourcesServeItsOwnSuite() {
        let sources = host("bookworm").sources(suite: "bookworm", mirror: nil, architecture: "amd64")
        #expect(
            sources == [
                AptSource(
                    uris: ["http://mirror.example/debian"], suites: ["bookworm", "bookworm-updates"],
                    signedBy: "/usr/share/keyrings/debian-archive-keyring.gpg")
            ])
    }

    @Test(arguments: [
        ("trixie", "bookworm", ["http://deb.debian.org/debian", "http://deb.debian.org/debian-security"]),
        ("bookworm", "sid", ["http://deb.debian.org/debian"]),
        ("bookworm", "jammy", ["http://archive.ubuntu.com/ubuntu", "http://security.ubuntu.com/ubuntu"]),
    ])
    func otherSuitesComeFromThePublicArchive(codename: String, suite: String, uris: [String]) {
        #expect(host(codename).sources(suite: suite, mirror: nil, architecture: "amd64").flatMap(\.uris) == uris)
    }

    @Test func aMirrorCountsAlone() {
        let sources = host("bookworm").sources(suite: "bookworm", mirror: "https://m.example/d", architecture: "amd64")
        #expect(sources.map(\.uris) == [["https://m.example/d"]])
        #expect(sources.map(\.suites) == [["bookworm"]])
    }

    @Test func settingsOfTheWayToTheArchive() {
        let dump = """
            APT::Architecture "amd64";
            Acquire "";
            Acquire::http::Proxy "http://proxy.example:3128";
            Acquire::https::CAInfo "/etc/ssl/company.pem";
            Acquire::Check-Valid-Until "false";
            Acquire::Languages:: "none";
            DPkg::Post-Invoke:: "rm -f /x || true";
            """
        #expect(
            HostApt.options(dump) == [
                "Acquire::http::Proxy \"http://proxy.example:3128\"", "Acquire::https::CAInfo \"/etc/ssl/company.pem\"",
                "Acquire::Check-Valid-Until \"false\"",
            ])
    }

    @Test func readsTheFilesOfAMachine() throws {
        let scratch = try ScratchDirectory()
        for folder in ["etc", "etc/apt", "etc/apt/sources.list.d"] { mkdir(scratch.path(folder), 0o755) }
        try scratch.write("VERSION_CODENAME=bookworm\n", to: "etc/os-release")
        try scratch.write("deb http://one.example/debian bookworm main\n", to: "etc/apt/sources.list")
        try scratch.write(Self.deb822, to: "etc/apt/sources.list.d/two.sources")
        try scratch.write("deb http://off.example/debian bookworm main\n", to: "etc/apt/sources.list.d/three.list.save")
        let host = try HostApt(root: ConfinedDirectory(scratch.path), settings: nil)
        #expect(host.codename == "bookworm")
        #expect(
            host.sources.flatMap(\.uris) == ["http://one.example/debian", "http://mirror.example/debian", "https://vendor.example/repo"])
    }
}

@Suite struct AccountTests {
    @Test func withoutShadow() throws {
        #expect(
            try AccountFiles.passwd("root:*:0:0:root:/root:/bin/bash\n", adding: .cnb, hasShadow: false)
                == "root:*:0:0:root:/root:/bin/bash\ncnb:*:1000:1000:cnb:/home/cnb:/bin/bash\n")
    }

    @Test func onceIsEnough() throws {
        let text = try AccountFiles.group("root:*:0:\n", adding: .cnb)
        #expect(try AccountFiles.group(text, adding: .cnb) == text)
        #expect(AccountFiles.groupShadow("cnb:!::\n", adding: .cnb) == "cnb:!::\n")
    }

    @Test(arguments: ["other:x:1000:1000::/:/bin/sh\n", "cnb:x:900:1000::/:/bin/sh\n"])
    func taken(text: String) {
        #expect(throws: Fault.self) { try AccountFiles.passwd(text, adding: .cnb, hasShadow: true) }
    }
}

@Suite struct BaseConfigTests {
    private let system = BaseSystem(
        release: OSRelease(parsing: "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='Debian GNU/Linux 12 (bookworm)'\n# ID=no\n"),
        architecture: "amd64",
        suite: "bookworm")

    // H-25, B-18
    @Test func buildImage() {
        let config = BaseConfig.config(.build, system: system, user: .cnb)
        #expect(config.settings.user == "1000:1000")
        #expect(config.settings.environment("CNB_USER_ID") == "1000")
        #expect(config.settings.environment("CNB_GROUP_ID") == "1000")
        #expect(config.settings.environment("PATH")?.contains("/usr/bin") == true)
        #expect(config.created == "1980-01-01T00:00:01Z")
        #expect(config.platform == Platform(os: "linux", architecture: "amd64"))
        #expect(config.settings.labels[LabelName.distroName] == "debian")
        #expect(config.settings.labels[LabelName.distroVersion] == "12")
        #expect(config.settings.labels[LabelName.baseID] == "org.tote.debian.bookworm")
        #expect(config.settings.labels[LabelName.stackID] == config.settings.environment("CNB_STACK_ID"))
    }

    @Test func runImage() {
        let config = BaseConfig.config(.run, system: system, user: .cnb)
        #expect(config.settings.environment == ["PATH=\(BaseConfig.path)"])
        #expect(config.settings.user == "1000:1000")
    }

    @Test(arguments: [("amd64", "linux/amd64"), ("arm64", "linux/arm64"), ("armhf", "linux/arm/v7"), ("ppc64el", "linux/ppc64le")])
    func architectures(debian: String, platform: String) {
        #expect(DebianArchitecture.platform(debian).description == platform)
    }

    @Test func installedPackages() {
        func packages(_ version: String) -> InstalledPackages {
            let paragraphs = [
                "Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n",
                "Package: b\nStatus: install ok installed\nVersion: \(version)\nArchitecture: arm64\nDescription: x\n more\n",
                "Package: c\nStatus: deinstall ok config-files\nVersion: 1\n",
            ]
            return InstalledPackages(status: paragraphs.joined(separator: "\n"))
        }
        #expect(packages("2").versions == ["a": "1", "b": "2"])
        #expect(packages("2").architecture == "arm64")
        #expect(packages("2").differences(from: packages("3")) == ["b (2 and 3)"])
        // Held back, waiting for a trigger, and for two architectures.
        let more =
            [
                ("held", "hold ok installed", "amd64"), ("waits", "install ok triggers-pending", "amd64"),
                ("half", "install ok half-installed", "amd64"),
            ]
            + [("libc6", "install ok installed", "amd64"), ("libc6", "install ok installed", "i386")]
        let status = more.map { "Package: \($0)\nStatus: \($1)\nArchitecture: \($2)\nVersion: \($2)-1\n" }.joined(separator: "\n")
        #expect(InstalledPackages(status: status).architecture == "amd64")
        #expect(
            InstalledPackages(status: status).versions == [
                "held": "amd64-1", "waits": "amd64-1", "libc6": "amd64-1", "libc6:i386": "i386-1",
            ])
    }
}

@Suite struct MmdebstrapCommandTests {
    private func command(_ kind: BaseImageKind, mirror: Bool = false, inherited: [String: String] = [:]) -> MmdebstrapCommand {
        MmdebstrapCommand(
            mode: .unshare, kind: kind, suite: "bookworm", packages: ["bash", "curl"], options: ["Acquire::Retries \"3\""],
            sources: "/s/tote.sources",
            target: "/s/x.tar", usesFileMirror: mirror, inherited: inherited
        ) { $0.hasSuffix("maybe-merged-usr") }
    }

    @Test func arguments() {
        #expect(
            command(.run, mirror: true).arguments == [
                "--mode=unshare", "--variant=essential", "--format=tar", "--hook-dir=/usr/share/mmdebstrap/hooks/maybe-merged-usr",
                "--include=bash,curl",
                "--aptopt=Acquire::Retries \"3\"", "bookworm", "/s/x.tar", "/s/tote.sources",
            ])
        #expect(command(.build).arguments.contains("--variant=apt"))
    }

    @Test func environmentIsChosen() {
        let environment = command(
            .run, inherited: ["PATH": "/x", "LANG": "de_DE", "PYTHONPATH": "/y", "https_proxy": "http://p", "APT_CONFIG": "/z"]
        ).environment
        #expect(environment["PATH"]?.hasPrefix("/x:") == true)
        #expect(environment["SOURCE_DATE_EPOCH"] == String(layerTimestamp))
        #expect(Set(environment.keys) == ["PATH", "https_proxy", "SOURCE_DATE_EPOCH", "LC_ALL", "TZ", "PYTHONHASHSEED"])
    }

    @Test(arguments: [
        ("E: Unable to locate package nosuch", "--package"), ("Temporary failure resolving 'x'", "--mirror"),
        ("NO_PUBKEY 0E98404D386FA1D9", "debian-archive-keyring"),
        ("tar: No space left on device", "TMPDIR"), ("E: The repository 'x' does not have a Release file.", "suite"), ("something", nil),
    ])
    func hints(line: String, word: String?) {
        let fault = MmdebstrapFailure.fault(kind: .run, end: "exited(25)", lines: ["first", line])
        #expect(fault.message.contains(line))
        #expect(word.map { fault.hint?.contains($0) == true } ?? (fault.hint == nil))
    }
}

@Suite struct ReadableCopyTests {
    @Test func everybodyMayRead() throws {
        let scratch = try ScratchDirectory()
        try scratch.write("certificate", to: "ca.pem")
        chmod(scratch.path("ca.pem"), 0o600)
        let copy = try ReadableCopy(of: scratch.path("ca.pem"))
        let folder = try ConfinedDirectory("/")
        #expect(try folder.status(copy.path)?.mode == 0o644)
        #expect(try folder.read(copy.path) == Array("certificate".utf8))
        copy.remove()
        #expect(try folder.status(copy.path) == nil)
    }

    @Test func aMissingFileIsAnError() {
        #expect(throws: (any Error).self) { try ReadableCopy(of: "/nonexistent/ca.pem") }
    }
}
