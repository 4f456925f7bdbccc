import Archive
import CNBSpec
import Diagnostics
import Glibc
import TestSupport
import Testing

@testable import CNBPlatform

@Suite struct BaseTreeTests {
    private struct Layer: Equatable {
        var facts: LayerFacts
        var headers: [TarHeader]
        var contents: [String: String]
    }

    private func layer(_ root: FakeRootFilesystem, user: BaseUser = .cnb) throws -> Layer {
        let scratch = try ScratchDirectory()
        try root.write(to: scratch.path("in.tar"))
        let system = try BaseRootFilesystem(tar: scratch.path("in.tar"), scratch: scratch.path)
        try system.finish(user: user, suite: "bookworm")
        let out = open(scratch.path("out"), O_RDWR | O_CREAT, 0o600)
        defer { close(out) }
        let writer = LayerWriter(.gzip(to: out))
        try system.write(to: writer)
        let facts = try writer.finish()
        lseek(out, 0, SEEK_SET)
        let reader = try LayerReader(descriptor: out)
        var result = Layer(facts: facts, headers: [], contents: [:])
        while let header = try reader.next() {
            result.headers.append(header)
            var bytes: [UInt8] = []
            try reader.readContents { bytes += $0 }
            if header.kind == .file { result.contents[header.path.string] = String(decoding: bytes, as: UTF8.self) }
        }
        return result
    }

    @Test func doesNotDependOnMachineMomentOrOrder() throws {
        let first = try layer(FakeRootFilesystem(variant: 0))
        for variant in 1...3 { #expect(try layer(FakeRootFilesystem(variant: variant)) == first) }
        #expect(try layer(FakeRootFilesystem(version: "3.11.2-2")) != first)
    }

    @Test func holdsWhatAnImageNeedsAndNothingElse() throws {
        let layer = try layer(FakeRootFilesystem())
        let paths = layer.headers.map(\.path.string)
        #expect(paths == paths.sorted())
        #expect(
            paths == [
                "dev", "etc", "etc/apt", "etc/apt/sources.list.d", "etc/apt/sources.list.d/debian.sources", "etc/group", "etc/gshadow",
                "etc/os-release",
                "etc/passwd", "etc/shadow", "home", "home/cnb", "tmp", "usr", "usr/bin", "usr/bin/a-hard-link", "usr/bin/apt-get",
                "usr/bin/python3.11",
                "usr/lib", "usr/lib/os-release", "var", "var/lib", "var/lib/dpkg", "var/lib/dpkg/status", "var/log",
            ])
        #expect(layer.headers.allSatisfy { $0.modified == layerTimestamp })
        let home = layer.headers.first { $0.path == "home/cnb" }
        #expect(home?.owner == Ownership(user: 1000, group: 1000))
        #expect(home?.mode == 0o755)
        #expect(layer.headers.first { $0.path == "etc/shadow" }?.mode == 0o640)
        #expect(layer.contents["etc/passwd"] == FakeRootFilesystem.passwd + "cnb:x:1000:1000:cnb:/home/cnb:/bin/bash\n")
        #expect(layer.contents["etc/group"]?.hasSuffix("cnb:*:1000:\n") == true)
        #expect(layer.contents["etc/shadow"] == "root:*:3652:0:99999:7:::\ncnb:!:3652:0:99999:7:::\n")
        #expect(layer.contents["etc/apt/sources.list.d/debian.sources"]?.contains("URIs: http://deb.debian.org/debian\n") == true)
        #expect(!layer.contents.values.contains { $0.contains("mirror.example") })
        #expect(layer.contents["usr/bin/python3.11"]?.utf8.count == 3 << 20)
    }

    @Test func hardLinksFollowTheirTarget() throws {
        let layer = try layer(FakeRootFilesystem())
        let first = layer.headers.first { $0.path == "usr/bin/a-hard-link" }
        let second = layer.headers.first { $0.path == "usr/bin/apt-get" }
        #expect(first?.kind == .file)
        #expect(second?.kind == .hardLink)
        #expect(second?.linkTarget == "usr/bin/a-hard-link")
        #expect(layer.contents["usr/bin/a-hard-link"] == "#!/bin/sh\n")
    }

    @Test func aUserThatIsInTheWayIsAnError() throws {
        var taken = BaseUser.cnb
        taken.id = 65534
        #expect(throws: Fault.self) { try layer(FakeRootFilesystem(), user: taken) }
    }

    @Test(arguments: [
        ("dev/null", TarHeader.Kind.characterDevice, false), ("dev", .directory, true), ("dev/pts", .directory, false),
        ("developer", .file, true),
        ("run/lock", .directory, false), ("tmp/x", .file, false), ("var/tmp", .directory, true), ("etc/machine-id", .file, false),
        ("etc/resolv.conf", .symbolicLink, false), ("etc/passwd-", .file, false), ("etc/apt/apt.conf.d/99mmdebstrap", .file, false),
        ("etc/apt/apt.conf.d/70debconf", .file, true), ("etc/apt/auth.conf.d/mirror.conf", .file, false),
        ("var/cache/apt/archives", .directory, true),
        ("var/cache/apt/pkgcache.bin", .file, false), ("var/cache/ldconfig/aux-cache", .file, false),
        ("var/cache/debconf/config.dat", .file, true),
        ("var/cache/debconf/config.dat-old", .file, false), ("var/lib/apt/lists/lock", .file, false),
        ("var/lib/apt/extended_states", .file, true),
        ("var/lib/dpkg/status-old", .file, false), ("var/lib/dpkg/status", .file, true), ("var/log/wtmp", .file, false),
        ("usr/share/doc/bash/copyright", .file, true), ("usr/share/doc/bash/changelog.gz", .file, false),
        ("usr/share/doc/curl", .symbolicLink, true),
        ("usr/share/doc/curl/NEWS.gz", .symbolicLink, false), ("usr/share/man/man1/ls.1.gz", .file, false), ("usr/bin/[", .file, true),
        ("var/lib/some/fifo", .fifo, false),
    ])
    func rules(path: String, kind: TarHeader.Kind, kept: Bool) {
        #expect(BaseTreeRules.keeps(path, kind) == kept)
    }
}
